#!/bin/bash
# Writes the tokens of a node's role, which arrive on standard input, to the files that config.yaml names.
#
#   token.sh NODE server|agent [CA_HASH] <tokens, one a line
#
# The agent token comes first. A server gets the server token after it, a worker gets none: with it, root on the worker
# would be given the keys of the cluster.
#
# With the hash of the cluster's certificate authority a token becomes RKE2's secure form: a node that joins with it sends it
# to no server of another authority. Before the first server runs there is no authority yet.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin token "$1"
role=$2 ca_hash=${3:-}
server_token=$RKE2_CONFIG/token

# read_token NAME: the next line of standard input, in `token`.
read_token() {
  read -r token || true
  [ -n "$token" ] || fail "no $1 arrived on standard input"
}

# write_token FILE USER: writes `token` with the name of a user who registers.
write_token() {
  local text=$token
  if [ -n "$ca_hash" ]; then text="K10$ca_hash::$2:$token"; fi
  (umask 077 && printf '%s\n' "$text" >"$1.partial")
  mv "$1.partial" "$1"
}

refuse_other_server_token() {
  if [ ! -f "$server_token" ] || ! is_member; then return; fi
  local current
  current=$(sed 's/^K10[0-9a-f]*::server://' "$server_token")
  [ "$current" = "$token" ] ||
    fail "clusterToken is not the token of this cluster: set the old value again; or change it by hand first, with" \
      "'rke2 token rotate', the new token in $server_token on every control plane, and a restart of RKE2 on one after another"
}

install -d -m 0755 "$RKE2_CONFIG"
read_token agentToken
agent_token=$token
if [ "$role" = server ]; then
  read_token clusterToken
  refuse_other_server_token
  write_token "$server_token" server
fi
token=$agent_token
write_token "$AGENT_TOKEN" node
