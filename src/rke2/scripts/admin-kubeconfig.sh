#!/bin/bash
# Runs where Pulumi runs. Prints the administrator's kubeconfig of each control plane that answers, as YAML documents.
#
#   admin-kubeconfig.sh CLUSTER SCRIPT [RENEWAL]
#
# SCRIPT   prints the kubeconfig on a node.
# RENEWAL  changes when the kubeconfig has to be read again, and with it the command line.
#
# The script comes on standard input, and the servers after it, one a line: `NODE USER HOST PORT KEY_TYPE HOST_KEY`. After an empty
# line follows the SSH key. It is in a file for OpenSSH while the script runs, and in no process list.
set -euo pipefail
cluster=$1 script=$2

# ask NODE USER HOST PORT HOST_KEY: with relative paths, because OpenSSH takes blanks, `%` and `$` in a path for more than a name.
ask() (
  cd "$work"
  # OpenSSH looks for the name of a host at another port in this form.
  if [ "$4" = 22 ]; then shown=$3; else shown="[$3]:$4"; fi
  printf '%s %s\n' "$shown" "$5" >known-hosts
  ssh -n -F /dev/null -i identity -p "$4" -o BatchMode=yes -o ConnectTimeout=10 -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlgorithms="${5%% *}" -o IdentitiesOnly=yes -o IdentityAgent=none -o LogLevel=ERROR \
    -o ServerAliveInterval=10 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=known-hosts \
    "$2@$3" sudo -n timeout --kill-after=10 60 "$script" "$1" 2>errors
)

read_kubeconfigs() {
  local name user host port key answer found='' refusals=''
  # `ask` reads it as well, and the trap after the end of this function.
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  local -a servers=()
  while read -r name user host port key && [ -n "$name" ]; do servers+=("$name $user $host $port $key"); done
  (umask 077 && cat >"$work/identity")
  for server in "${servers[@]}"; do
    read -r name user host port key <<<"$server"
    if answer=$(ask "$name" "$user" "$host" "$port" "$key"); then
      printf -- '---\n%s\n' "$answer"
      found=yes
    else
      refusals+="; $name: $(tail -n 1 "$work/errors")"
    fi
  done
  if [ -z "$found" ]; then
    echo "$cluster: kubeconfig: no control plane gives the administrator's kubeconfig${refusals}" >&2
    return 1
  fi
}

# In one line: the next ones on standard input are the servers.
read_kubeconfigs; exit
