#!/bin/bash
# Makes a machine a member of the cluster, once. On a member it only waits until the member does its part: what has
# changed since is for converge.sh.
#
#   join.sh NODE server|agent VERSION <files of the node as a bundle
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/certificates.sh
. "$(dirname "$0")/certificates.sh"
begin join "$1"
role=$2 version=$3

# registration_status TOKEN_FILE: what the cluster's registration answers to a node with the password of the token.
registration_status() {
  local url hash password authority=$STATE/authority
  url=$(sed -n 's/^server: //p' "$RKE2_CONFIG/config.yaml")
  IFS=' ' read -r hash password < <(sed -n 's/^K10\([0-9a-f]*\)::[a-z]*:/\1 /p' "$1") || return 0
  curl --silent --insecure --max-time 10 --output "$authority" "$url/cacerts" || return 0
  sha256sum --check --status <<<"$hash  $authority" || return 0
  curl --silent --max-time 10 --cacert "$authority" --output /dev/null --write-out '%{http_code}' \
    --config <(printf 'user = "node:%s"\n' "$password") "$url/v1-rke2/config" || true
}

# A server that joins has to show the agent token of the others (k3s-io/k3s, pkg/cluster/bootstrap.go, compareConfig). In
# a cluster that is older than its agent token they still take the server token, until each is converged.
is_ahead_of_cluster() {
  [ "$role" = server ] && [ "$(registration_status "$AGENT_TOKEN")" = 401 ] &&
    [ "$(registration_status "$RKE2_CONFIG/token")" = 200 ]
}

join() {
  local as_the_others=''
  change_to "$version"
  if is_ahead_of_cluster; then
    as_the_others=yes
    sed -i '/^agent-token-file: /d' "$RKE2_CONFIG/config.yaml"
  fi
  start_rke2 "$role"
  gate "$role" "$version"
  record_certificates
  offer_to_hold_address
  if [ -n "$as_the_others" ]; then
    # Nothing counts as applied: converge.sh gives this server the agent token in its turn.
    touch "$MEMBER"
  else
    record_applied "$version"
  fi
  say "joined the cluster"
}

receive_bundle
if is_member; then
  gate "$role" "$(cat "$STATE/installed")"
  say "is a member already"
else
  join
fi
