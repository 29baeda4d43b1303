#!/bin/bash
# Writes the tokens of a node's role, which arrive on standard input, to the files that config.yaml names.
#
#   token.sh NODE server|agent [CA_HASH [ROTATED [STORE]]] <tokens, one a line
#
# The agent token comes first. A server gets the server token after it, a worker gets none: with it, root on the worker
# would be given the keys of the cluster.
#
# With the hash of the cluster's certificate authority a token becomes RKE2's secure form: a node that joins with it sends it
# to no server of another authority. Before the first server runs there is no authority yet.
#
# On a member another server token is that of a rotation. The first server that gets it rotates the token of the cluster. The
# others, after it, have `rotated`: there etcd may be down, because a server does not start with the old token. STORE is `required`
# where the S3 store has to take the snapshot before a rotation.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/members.sh
. "$(dirname "$0")/members.sh"
# shellcheck source=src/rke2/scripts/save-snapshot.sh
. "$(dirname "$0")/save-snapshot.sh"
# shellcheck source=src/rke2/scripts/server-token.sh
. "$(dirname "$0")/server-token.sh"
begin token "$1"
role=$2 ca_hash=${3:-} rotated=${4:-} store=${5:-} stopped=''
server_token=$RKE2_CONFIG/token

# read_token NAME: the next line of standard input, in `token`.
read_token() {
  read -r token || true
  [ -n "$token" ] || fail "no $1 arrived on standard input"
}

# write_token FILE USER: writes `token` with the name of a user who registers.
write_token() {
  local text=$token
  # RKE2 may have started with a token that somebody changed, so converge.sh has to restart it.
  if is_member && { [ ! -f "$1" ] || [ "$(sed -E 's/^K10[0-9a-f]*::[a-z]+://' "$1")" != "$token" ]; }; then rm -f "$APPLIED"; fi
  if [ -n "$ca_hash" ]; then text="K10$ca_hash::$2:$token"; fi
  (umask 077 && printf '%s\n' "$text" >"$1.partial")
  mv "$1.partial" "$1"
}

# password_in FILE: that of a token of either form.
password_in() {
  sed 's/^K10[0-9a-f]*::server://' "$1"
}

# Nothing counts as applied any more, so converge.sh restarts this server.
take_part_in_rotation() {
  if [ ! -f "$server_token" ] || ! is_member; then return; fi
  local former
  former=$(password_in "$server_token")
  if [ "$former" = "$token" ]; then return; fi
  if within 10 works server; then
    datastore_has "$token" || rotate_server_token "$former" "$token" "$store"
  elif [ -z "$rotated" ] && [ "$(password_in "$RKE2_DATA/server/token" 2>/dev/null)" != "$token" ]; then
    fail "RKE2 does not work on this server, and clusterToken is not the token of this cluster, so nothing was changed; repair the server, or set the old value again"
  fi
  works server || stopped=yes
  rm -f "$APPLIED"
  say "has the new token, and restarts with it in its turn"
}

install -d -m 0755 "$RKE2_CONFIG"
read_token agentToken
agent_token=$token
if [ "$role" = server ]; then
  read_token clusterToken
  take_part_in_rotation
  write_token "$server_token" server
fi
token=$agent_token
write_token "$AGENT_TOKEN" node
# RKE2 has tried to start with the old token. The others leave etcd for their restarts only when this server is back.
if [ -n "$stopped" ]; then wait_for 120 "RKE2 to start with the new token" works server; fi
