#!/bin/bash
# Runs where Pulumi runs. Prints the administrator's kubeconfig of each control plane that answers, as YAML documents.
#
#   admin-kubeconfig.sh CLUSTER SCRIPT [RENEWAL]
#
# SCRIPT   prints the kubeconfig on a node.
# RENEWAL  changes when the kubeconfig has to be read again, and with it the command line.
#
# The script comes on standard input, and the servers after it, one a line: `NODE USER ADDRESS KEY_TYPE HOST_KEY`. After an empty
# line follows the SSH key. It is in a file for OpenSSH while the script runs, and in no process list.
set -euo pipefail
cluster=$1 script=$2

# ask NODE USER ADDRESS HOST_KEY: with relative paths, because OpenSSH takes blanks, `%` and `$` in a path for more than a name.
ask() (
  cd "$work"
  printf '%s %s\n' "$3" "$4" >known-hosts
  ssh -n -F /dev/null -i identity -o BatchMode=yes -o ConnectTimeout=10 -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlgorithms="${4%% *}" -o IdentitiesOnly=yes -o IdentityAgent=none -o LogLevel=ERROR \
    -o ServerAliveInterval=10 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=known-hosts \
    "$2@$3" sudo -n timeout --kill-after=10 60 "$script" "$1" 2>errors
)

read_kubeconfigs() {
  local name user address key answer found='' refusals=''
  # `ask` reads it as well, and the trap after the end of this function.
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  local -a servers=()
  while read -r name user address key && [ -n "$name" ]; do servers+=("$name $user $address $key"); done
  (umask 077 && cat >"$work/identity")
  for server in "${servers[@]}"; do
    read -r name user address key <<<"$server"
    if answer=$(ask "$name" "$user" "$address" "$key"); then
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
