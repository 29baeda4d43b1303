# shellcheck shell=bash
# Source it after lib.sh. Saves etcd on a server before a change.

# Present on the server that has rotated the token of the cluster, until it has restarted with it. Until then RKE2's command
# shows the new token, and the server accepts the old one only.
readonly ROTATED=$STATE/rotated

# Snapshots of this server alone, under a name of their own. Not in the store of config.yaml: while that does not answer,
# RKE2 saves nothing at all, and the change may be what switches it off. The flag has the name that config.yaml has for
# it: RKE2 refuses one that is given by both of its names.
local_snapshots() {
  /usr/local/bin/rke2 etcd-snapshot "$@" --name before-change --etcd-s3=false 2>&1
}

# The way back from a version that does not work: without a snapshot taken before there is none. RKE2 deletes by itself
# only those that it takes on schedule.
save_snapshot() {
  if [ -f "$ROTATED" ]; then
    say "RKE2 takes no snapshot between a rotation of the token and the restart; etcd was saved before the rotation"
    return
  fi
  say "saving etcd"
  local output snapshot
  if ! output=$(local_snapshots save); then
    echo "$output" >&2
    fail "etcd cannot be saved, so nothing was changed"
  fi
  snapshot=$(sed -n 's/.*Snapshot \(before-change-[^ ]*\) saved.*/\1/p' <<<"$output")
  say "the state before this change is the snapshot ${snapshot:-whose name begins with before-change} in $RKE2_DATA/server/db/snapshots"
  if ! output=$(local_snapshots prune --etcd-snapshot-retention=5); then
    echo "$output" >&2
    say "the snapshots of earlier changes cannot be pruned"
  fi
}
