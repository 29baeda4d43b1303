#!/bin/bash
# Starts the first server: creates the cluster's authorities and its first etcd member.
#
#   seed.sh NODE VERSION API_HOST [PEER_ADDRESS...] <files of the node as a bundle
#
# API_HOST  where the API is reached: an address, or a name that resolves to every control plane
#
# Prints the hash of the cluster's certificate authority.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/certificates.sh
. "$(dirname "$0")/certificates.sh"
begin seed "$1"
version=$2 api_host=$3
shift 3

refuse_second_cluster() {
  local address
  for address in "$api_host" "$@"; do
    if registration_answers "$address"; then
      fail "a cluster already answers at $address:$REGISTRATION_PORT and this node is no member of it; refusing to create a second one"
    fi
  done
}

# RKE2 would try to join what it is to create. From the first start on the datastore counts and `server` does not.
without_server() {
  sed -i '/^server: /d' "$RKE2_CONFIG/config.yaml"
}

start_first_server() {
  [ -d "$RKE2_DATA/server/db/etcd/member" ] || refuse_second_cluster "$@"
  change_to "$version"
  without_server
  start_rke2 server
  gate server "$version"
  write_files
  record_certificates
  offer_to_hold_address
  record_applied "$version"
}

receive_bundle
is_member || start_first_server "$@"
gate server "$version"
wait_for 300 "$api_host to answer on $REGISTRATION_PORT" registration_answers "$api_host"
sed -n 's/^K10\([0-9a-f]*\)::.*/\1/p' "$RKE2_DATA/server/token"
