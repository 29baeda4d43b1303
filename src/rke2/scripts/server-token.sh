# shellcheck shell=bash
# Source it after lib.sh, members.sh and save-snapshot.sh. Rotates the server token of a cluster.
#
# No secret is in an argument: `rke2 token rotate` takes the new token as one, so the registration port is asked directly, with what
# the command sends (k3s-io/k3s, pkg/cli/token/token.go).

# datastore_has PASSWORD: whether it is the token of the cluster. The keys of the cluster are in etcd, encrypted with the token
# and under a name that follows from it (k3s-io/k3s, pkg/cluster/encrypt.go, storageKey). Linearizable.
datastore_has() {
  local key
  key=$(printf '/bootstrap/%s' "$(printf %s "$1" | sha256sum | cut -c1-12)" | base64 --wrap 0)
  etcd_ask kv/range "{\"key\":\"$key\",\"count_only\":true}" | grep -qF '"count":"1"'
}

# ask_registration ADDRESS PASSWORD PATH [CURL_OPTION...]: prints the status of the answer to a holder of the server token.
ask_registration() {
  local address=$1 password=$2 path=$3
  shift 3
  curl --silent --noproxy '*' --max-time 20 --cacert "$RKE2_DATA/server/tls/server-ca.crt" --output /dev/null \
    --write-out '%{http_code}' --config <(printf 'user = "server:%s"\n' "$password") "$@" "https://$address:$REGISTRATION_PORT$path" || true
}

# refuse_unfinished_rotation PASSWORD: every server runs with the present token. A server that has not restarted since the last
# rotation accepts only the one before.
refuse_unfinished_rotation() {
  local name address others=''
  while read -r _ name address _; do
    if [ "$(ask_registration "$address" "$1" /db/info)" != 200 ]; then others+="${others:+, }$name"; fi
  done < <(list_members | sort -k 2)
  if [ -n "$others" ]; then
    fail "the last rotation of clusterToken is not done yet on $others, so nothing was changed; set clusterToken to the value of that rotation again, run \`up\`, and rotate afterwards"
  fi
}

# rotate_server_token OLD NEW STORE
rotate_server_token() {
  local status
  # shellcheck disable=SC2034 # look_at_members sets them.
  local voters well sick next
  within 30 look_at_members || fail "etcd has no quorum, so nothing was changed; bring the other servers back first"
  datastore_has "$1" ||
    fail "the cluster has neither the token of this server nor the new clusterToken, so nothing was changed; set clusterToken to the value of the last rotation, and run \`up\`"
  # Each of them has to restart with the new token.
  if [ -n "$sick" ]; then fail "$sick; the token is rotated only while every server works, so nothing was changed"; fi
  refuse_unfinished_rotation "$1"
  # Left by an attempt that failed: every server runs with the cluster's token.
  rm -f "$ROTATED"
  save_snapshot "$3"
  report_not_stored >&2
  say "rotating the token of the cluster; snapshots from before need the old token, so keep it as long as them"
  touch "$ROTATED"
  # A lost connection must not come between the rotation and the file of this server, which token.sh writes next: with the old value
  # in the stack file again nothing would run here.
  trap '' TERM HUP
  status=$(ask_registration 127.0.0.1 "$1" /v1-rke2/token --request PUT --data @- < <(printf '{"newToken":"%s"}' "$2"))
  if [[ $status == [45]?? ]]; then
    rm -f "$ROTATED"
    fail "RKE2 has not rotated the token and answered $status; its journal has the reason"
  fi
  # Without an answer RKE2 may still be at work.
  within 120 datastore_has "$2" ||
    fail "RKE2 may have rotated the token: it has not answered, and etcd does not have the new one yet; leave clusterToken at the new value, and run \`up\` again"
}
