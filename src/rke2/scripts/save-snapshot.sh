# shellcheck shell=bash
# Source it after lib.sh. Saves etcd on a server before a change.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

# Present on the server that has rotated the token of the cluster, until it has restarted with it. Until then RKE2's command
# shows the new token, and the server accepts the old one only.
readonly ROTATED=$STATE/rotated

# The snapshot that the S3 store did not take.
not_stored=''

# Snapshots under a name of their own. RKE2's command gives up after two minutes by itself.
change_snapshots() {
  timeout 180 /usr/local/bin/rke2 etcd-snapshot "$@" --name before-change 2>&1
}

# Those of this server alone. The flag has the name that config.yaml has for it: RKE2 refuses one that is given by both of
# its names.
local_snapshots() {
  change_snapshots "$@" --etcd-s3=false
}

has_store() {
  grep --quiet '^etcd-s3: true$' "$RKE2_CONFIG/config.yaml"
}

# RKE2 names what it has saved: once for the file, and once more for the object in the S3 store (k3s-io/k3s,
# pkg/etcd/snapshot.go). It keeps the reason of a failure in its log.
times_saved() {
  grep --count 'Snapshot before-change-[^ ]* saved' || true
}

# A sentence on standard output if the store did not take the snapshot of this run.
report_not_stored() {
  if [ -n "$not_stored" ]; then
    echo "$node: the S3 store of cluster.etcdSnapshots.s3 did not take the snapshot $not_stored, which is lost if this server is; \`journalctl --unit rke2-server\` there has the reason"
  fi
}

# save_snapshot [STORE]: the way back from a version that does not work: without a snapshot taken before there is none. Fails
# where STORE is `required` and the S3 store has not taken the snapshot. RKE2 deletes by itself only those that it takes on schedule.
#
# A server that does not know the store yet asks nothing of it: the change is what brings the store.
save_snapshot() {
  if [ -f "$ROTATED" ]; then
    say "RKE2 takes no snapshot between a rotation of the token and the restart; etcd was saved before the rotation"
    return
  fi
  say "saving etcd"
  local output='' snapshot
  # While the S3 store does not answer, RKE2 saves nothing at all, and the change may be what switches it off.
  if has_store; then output=$(change_snapshots save) || output=''; fi
  if [ -z "$output" ] && ! output=$(local_snapshots save); then
    echo "$output" >&2
    fail "etcd cannot be saved, so nothing was changed"
  fi
  snapshot=$(sed -n 's/.*Snapshot \(before-change-[^ ]*\) saved.*/\1/p' <<<"$output" | head -n 1)
  say "the state before this change is the snapshot ${snapshot:-whose name begins with before-change} in $RKE2_DATA/server/db/snapshots"
  if has_store; then
    if (($(times_saved <<<"$output") > 1)); then
      say "the S3 store of cluster.etcdSnapshots.s3 has it too"
    else
      not_stored=${snapshot:-before-change}
    fi
  fi
  if ! output=$(local_snapshots prune --etcd-snapshot-retention=5); then
    echo "$output" >&2
    say "the snapshots of earlier changes cannot be pruned"
  fi
  if [ -n "$not_stored" ] && [ "${1:-}" = required ]; then
    fail "the S3 store of cluster.etcdSnapshots.s3 has to take the snapshot $not_stored (\`required\`) and did not, so nothing was changed, and the snapshot stays on $node; repair the store (\`journalctl --unit rke2-server\` there has the reason), or take cluster.etcdSnapshots.s3.required out of the stack file for this one change"
  fi
}
