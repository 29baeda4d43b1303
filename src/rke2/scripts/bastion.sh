#!/bin/bash
# Runs where Pulumi runs, before another script on the same standard input: `ssh` and `ssh-keyscan` in that script then reach the nodes
# through a bastion.
#
# The bastion follows this script, in one line: `USER HOST PORT KEY_TYPE HOST_KEY`. After it follow the SSH key and an empty line. Both
# are in files for OpenSSH while a command runs, and in no process list.
set -euo pipefail
# For a refusal of the bastion: the other script hides what `ssh-keyscan` prints.
exec 8>&2

# Reads the rest of this script's input.
read_bastion() {
  local line
  read -r bastion_user bastion_host bastion_port bastion_host_key
  bastion_key=''
  while IFS= read -r line && [ -n "$line" ]; do bastion_key+=$line$'\n'; done
}

# write_way DIRECTORY: writes OpenSSH's files for the bastion. OpenSSH takes blanks, `%`, `$` and quotes in a path for more than a name,
# so the directory is relative, and mktemp has named it.
write_way() {
  local name=$bastion_host
  if [ "$bastion_port" != 22 ]; then name="[$bastion_host]:$bastion_port"; fi
  (umask 077 && printf '%s' "$bastion_key" >"$1/key")
  printf '%s %s\n' "$name" "$bastion_host_key" >"$1/known-hosts"
  cat >"$1/config" <<END
Host bastion
  HostName $bastion_host
  Port $bastion_port
  User $bastion_user
  BatchMode yes
  ConnectTimeout 10
  GlobalKnownHostsFile /dev/null
  HostKeyAlgorithms ${bastion_host_key%% *}
  IdentitiesOnly yes
  IdentityAgent none
  IdentityFile "$1/key"
  LogLevel ERROR
  StrictHostKeyChecking yes
  UserKnownHostsFile "$1/known-hosts"
END
}

# The commands run in subshells, so that each removes its own files and leaves the other script's trap alone. The other script calls
# them in a directory for its own temporary files.
ssh() (
  way=$(mktemp -d ./way.XXXXXXXX)
  trap 'rm -rf "$way"' EXIT
  write_way "$way"
  status=0
  command ssh -o ProxyCommand="ssh -F $way/config -W '[%h]:%p' bastion" "$@" 2>"$way/said" || status=$?
  # The last lines of a refused way are only about the end of the tunnel.
  tr -d '\r' <"$way/said" | sed -e '/UNKNOWN port 65535/d' -e '/^kex_exchange_identification: /d' -e '/^stdio forwarding failed/d' >&2
  exit "$status"
)

# ssh-keyscan -T SECONDS -p PORT -t ALGORITHM ADDRESS: without the real program, which knows no bastion. A node shows its key before it refuses
# a login without any key.
ssh-keyscan() (
  seconds=$2 port=$4 algorithm=$6 address=$7
  shown=$(mktemp -d)
  trap 'rm -rf "$shown"' EXIT
  cd "$shown"
  case $algorithm in
    ecdsa) types=ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521 ;;
    *) types=ssh-$algorithm ;;
  esac
  ssh -n -F /dev/null -p "$port" -o BatchMode=yes -o ConnectTimeout="$seconds" -o GlobalKnownHostsFile=/dev/null -o HashKnownHosts=no \
    -o HostKeyAlgorithms="$types" -o IdentityAgent=none -o LogLevel=ERROR -o PreferredAuthentications=none \
    -o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o UserKnownHostsFile=known-hosts \
    "$address" true 2>said || true
  if grep -q -e "^$bastion_user@$bastion_host: Permission denied" -e '^Host key verification failed' said; then
    echo "the bastion $bastion_host refuses the way to $address: $(grep -v '^@' said | tail -n 1)" >&8
    kill "$$"
  fi
  cat known-hosts
)

# In one line: the next ones on standard input are the bastion.
read_bastion
