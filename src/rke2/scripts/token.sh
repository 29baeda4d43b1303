#!/bin/bash
# Writes the cluster token that arrives on standard input to the file that config.yaml names.
#
#   token.sh NODE [CA_HASH] <token
#
# With the hash of the cluster's certificate authority it becomes RKE2's secure form: whoever joins with it sends the
# token to no server of another authority. Before the first server runs there is no authority yet.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin token "$1"
ca_hash=${2:-}

password=$(cat)
[ -n "$password" ] || fail "no token arrived on standard input"
token=$password
if [ -n "$ca_hash" ]; then token="K10$ca_hash::server:$password"; fi

file=$RKE2_CONFIG/token
if [ -f "$file" ] && is_member; then
  current=$(sed 's/^K10[0-9a-f]*::server://' "$file")
  [ "$current" = "$password" ] ||
    fail "clusterToken is not the token of this cluster: set the old value again; or change it by hand first, with" \
      "'rke2 token rotate', the new token in $file on every node, and a restart of RKE2 on one node after another"
fi
install -d -m 0755 "$RKE2_CONFIG"
(umask 077 && printf '%s\n' "$token" >"$file.partial")
mv "$file.partial" "$file"
