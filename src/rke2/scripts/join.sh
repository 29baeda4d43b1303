#!/bin/bash
# Makes a machine a member of the cluster, once. On a member it only waits until the member does its part: what has
# changed since is for converge.sh.
#
#   join.sh NODE server|agent VERSION <files of the node as a bundle
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin join "$1"
role=$2 version=$3

join() {
  change_to "$version"
  start_rke2 "$role"
  gate "$role" "$version"
  offer_to_hold_address
  record_applied "$version"
  say "joined the cluster"
}

receive_bundle
if is_member; then
  gate "$role" "$(cat "$STATE/installed")"
  say "is a member already"
else
  join
fi
