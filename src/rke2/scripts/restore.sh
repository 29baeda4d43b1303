#!/bin/bash
# Restores etcd from a snapshot, in the order of RKE2's documentation (datastore/backup_restore). Each phase may be repeated
# after an end at any point.
#
#   restore.sh NODE check  VERSION SNAPSHOT FROM [PROXY EXCEPTIONS]   on the server with the snapshot; prints the time,
#                                                which names this restore
#   restore.sh NODE ask    VERSION               on each other server; prints its name if it is a member
#   restore.sh NODE stop   VERSION RESTORE       on all servers: nothing of etcd or the API may be left
#   restore.sh NODE reset  VERSION RESTORE SNAPSHOT MEMBERS FROM   on the server with the snapshot
#   restore.sh NODE rejoin VERSION RESTORE       on each other server, one after another
#   restore.sh NODE agent  VERSION RESTORE       on each worker
#
# A phase that changes a node gets RKE2's files of the node as a bundle on standard input. The check of a snapshot from the S3
# store gets what fetch_snapshot reads.
# FROM      `server` for a snapshot in the directory of this server, `s3` for one in the S3 store
# RESTORE   names this restore: the second at which it was decided
# MEMBERS   names of the servers that join again, with this one, separated by commas. A server that is no member has no part in the
#           phases: it was made anew, or had not joined before, and joins the restored cluster after them.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/let-go.sh
. "$(dirname "$0")/let-go.sh"
# shellcheck source=src/rke2/scripts/snapshot.sh
. "$(dirname "$0")/snapshot.sh"
# shellcheck source=src/rke2/scripts/snapshot-store.sh
. "$(dirname "$0")/snapshot-store.sh"
# shellcheck source=src/rke2/scripts/unsupported.sh
. "$(dirname "$0")/unsupported.sh"
begin restore "$1"
phase=$2 version=$3 restore=${4:-} went_back=''

readonly DB=$RKE2_DATA/server/db
# `PHASE RESTORE` of the last phase that this server began or ended.
readonly JOURNAL=$STATE/restore
# The folders of old data before this restore, after a line with its name and one with the release of before.
readonly OLD_BEFORE=$STATE/restore-old-data

reached() {
  [ "$(cat "$JOURNAL" 2>/dev/null)" = "$1 $restore" ]
}

record() {
  echo "$1 $restore" >"$JOURNAL"
}

# The snapshot of this server itself is on its disk, so that it has been a member.
require_member() {
  is_member || fail "this node has not been a member of the cluster yet, so there is nothing to restore and nothing was changed; run \`up\` without cluster.restore first"
}

# Whether RKE2 may have started here: a join brings the release, the preparation before it does not.
has_release() {
  [ -x /usr/local/bin/rke2-killall.sh ]
}

# `systemctl stop` leaves etcd, the API server and all pods at work (KillMode=process), and kube-vip's address on this
# machine. The unit is disabled until the server is part of the restored cluster: after a boot it would bring the old data back.
stop_server() {
  say "stopping RKE2 and everything that it started"
  systemctl --quiet disable rke2-server.service
  systemctl stop keepalived.service 2>/dev/null || true
  /usr/local/bin/rke2-killall.sh >/dev/null 2>&1 || true
  if systemctl is-active --quiet rke2-server.service; then fail "RKE2 does not stop; stop it by hand, then run \`up\` again"; fi
  drop_address
}

stop_what_was_started() {
  if is_member || has_release; then stop_server; fi
}

# Nothing on a machine that was made anew, and on a node that was stopped while it changed its release.
installed_release() {
  cat "$STATE/installed" 2>/dev/null || echo
}

# Whether this node has to go back to an older minor: https://docs.rke2.io/upgrades/roll-back
is_newer() {
  local installed
  installed=$(installed_release)
  [ -z "$installed" ] || goes_back "$installed" "$version"
}

# A release of the same minor, or of the next one, starts with the files that this node has, and convergence brings the wanted ones.
# An older minor needs its own. They are there before it is, so that a node with that release has them, wherever a run ended.
take_release() {
  if is_newer; then
    rm -f "$APPLIED"
    write_files
    went_back=yes
  fi
  install_release "$version"
}

record_return() {
  if [ -n "$went_back" ]; then record_applied "$version"; fi
}

bring_up() {
  take_release
  rm -f "$ROTATION"
  if ! systemctl is-active --quiet rke2-server.service; then start_rke2 server; fi
  gate server "$version"
  offer_to_hold_address
  touch "$MEMBER"
  record_return
}

old_data() {
  find "$DB" -maxdepth 1 -name 'etcd-old-*' | sort
}

# An attempt that was killed has moved the data of before already, so the list is of before the first attempt.
remember_old_data() {
  if [ "$(head -n 1 "$OLD_BEFORE" 2>/dev/null)" = "$restore" ]; then return; fi
  mkdir -p "$DB"
  { echo "$restore" && installed_release && old_data; } >"$OLD_BEFORE.partial"
  mv "$OLD_BEFORE.partial" "$OLD_BEFORE"
}

# The first folder of this restore has the data of before it; later ones have what an attempt restored. The data goes with
# the release that wrote it.
put_old_data_back() {
  local release
  local -a moved
  release=$(sed -n 2p "$OLD_BEFORE")
  if [ -n "$release" ]; then install_release "$release"; fi
  mapfile -t moved < <(comm -13 <(tail -n +3 "$OLD_BEFORE") <(old_data))
  if ((${#moved[@]} == 0)); then return; fi
  /usr/local/bin/rke2-killall.sh >/dev/null 2>&1 || true
  rm -rf "$DB/etcd" "${moved[@]:1}"
  mv "${moved[0]}" "$DB/etcd"
}

# After a restore RKE2 forgets the password of this node alone (k3s-io/k3s, pkg/cluster/managed.go). Another node that was
# replaced since the snapshot has another password than the snapshot, and RKE2 would refuse it.
forget_node_passwords() {
  local all
  local -a secrets
  all=$(system_kubectl get secrets --output name) || fail "the passwords of nodes cannot be read; run \`up\` again"
  mapfile -t secrets < <(grep '\.node-password\.rke2$' <<<"$all" | grep -vxF "secret/$node.node-password.rke2")
  if ((${#secrets[@]} > 0)); then system_kubectl delete --ignore-not-found "${secrets[@]}" >/dev/null; fi
}

# The snapshot has the servers of its time. RKE2 has made this one the only member of etcd, so that each other one is a machine that is
# gone, or one that joins anew: RKE2 would refuse it while another Node has its name, and Kubernetes would give it pods of that Node.
# forget_lost_servers MEMBERS
forget_lost_servers() {
  local all name output=''
  all=$(server_kubectl get nodes --selector node-role.kubernetes.io/etcd --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}') ||
    fail "the nodes cannot be read; run \`up\` again"
  for name in $all; do
    if [[ ,$1, == *,"$name",* ]]; then continue; fi
    say "the cluster forgets the server $name, which is no member any more"
    # The API has just come back.
    within 60 forget_node "$name" || fail "the Node $name or its pods cannot be deleted; run \`up\` again; kubectl says: $output"
  done
}

# forget_node NAME: sets `output` to the words of kubectl.
forget_node() {
  output=$(server_kubectl delete node "$1" --ignore-not-found --timeout 60s 2>&1) &&
    output=$(server_kubectl delete pods --all-namespaces --field-selector "spec.nodeName=$1" --ignore-not-found --force --grace-period 0 2>&1)
}

# The file of a snapshot. One from the store is the file that the check has downloaded.
# snapshot_file SNAPSHOT FROM
snapshot_file() {
  if [ "$2" = s3 ]; then echo "$FETCHED/$1"; else echo "$SNAPSHOTS/$1"; fi
}

# RKE2 refuses a reset while its configuration has `server:`, so it gets a copy without that key. `--etcd-s3=false`: a file is
# meant, even if the cluster has a store. Containers that it starts must not hold the lock of this node (9).
run_reset() {
  (umask 077 && sed '/^server: /d' "$RKE2_CONFIG/config.yaml" >"$STATE/reset.yaml")
  timeout 900 /usr/local/bin/rke2 server --config="$STATE/reset.yaml" --cluster-reset \
    --cluster-reset-restore-path="$1" --etcd-s3=false >"$STATE/reset.log" 2>&1 9>&- &&
    grep --quiet 'cluster membership has been reset' "$STATE/reset.log"
}

# reset_etcd SNAPSHOT FROM
reset_etcd() {
  local file
  file=$(snapshot_file "$1" "$2")
  [ -s "$file" ] || fail "the snapshot $1 is no longer on this server, in $file; choose another value of cluster.restore and run \`up\` again, or undo the change of the stack file and run 'systemctl enable --now rke2-server' on every control plane"
  remember_old_data
  take_release
  say "restoring the snapshot $1"
  if run_reset "$file"; then return; fi
  put_old_data_back
  tail -n 5 "$STATE/reset.log" >&2
  fail "RKE2 cannot restore $1; above are its last words. All servers are stopped and have their data from before: choose" \
    "another snapshot and run \`up\` again, or undo the change of the stack file and run 'systemctl enable --now rke2-server' on every control plane"
}

# A person may have started RKE2 again since the phase that stopped it.
# reset_server SNAPSHOT MEMBERS FROM
reset_server() {
  if ! reached reset; then
    stop_what_was_started
    reset_etcd "$1" "$3"
    record reset
  fi
  rm -rf "$FETCHED"
  bring_up
  # A snapshot of the time of a rotation has its policy. Only this server runs now, so that no other one has another key.
  thaw_secrets || fail "the writing of Secrets cannot be allowed again; run \`up\` again"
  forget_lost_servers "$2"
  forget_node_passwords
  say "has the state of the snapshot $1"
}

# The snapshots stay: RKE2 says to delete all of server/db, and they are in it.
delete_data() {
  stop_server
  find "$DB" -mindepth 1 -maxdepth 1 ! -name snapshots -exec rm -rf {} +
  # After a rotation of the key they are newer than those in the snapshot, and RKE2 would not start beside them (k3s-io/k3s,
  # pkg/cluster/bootstrap.go, ReconcileBootstrapData). It gets those of the snapshot when it joins.
  rm -f "$RKE2_DATA"/server/cred/encryption-{config,state}.json
}

rejoin_server() {
  if ! reached rejoin; then
    delete_data
    # From here on etcd may know this server: a second deletion would be refused as a duplicate name.
    record rejoin
  fi
  bring_up
  say "joined the restored cluster"
}

# Kubernetes does not support a kubelet that takes pods over from a newer minor, so all of them end, as on a server.
restart_worker() {
  # A worker that has not joined yet joins the restored cluster.
  if ! is_member; then return; fi
  if is_newer; then
    say "stopping RKE2 and everything that it started"
    /usr/local/bin/rke2-killall.sh >/dev/null 2>&1 || true
    take_release
  fi
  start_rke2 agent
  gate agent "$(cat "$STATE/installed")"
  record_return
}

case $phase in
  check)
    if [ "$5" = s3 ]; then fetch_snapshot "$4" "${@:6}"; else require_member; fi
    require_snapshot "$4" "$version" "$(snapshot_file "$4" "$5")"
    date +%s
    ;;
  ask) if is_member; then echo "$node"; fi ;;
  stop)
    receive_bundle
    # The files with which an older minor starts are written here, and not by convergence, which refuses it.
    if is_member && is_newer; then refuse_network_change; fi
    stop_what_was_started
    ;;
  reset)
    receive_bundle
    reset_server "$5" "$6" "$7"
    ;;
  rejoin)
    receive_bundle
    # One that was stopped while it joined the old cluster has data of it, with which it could not join another one.
    if is_member; then rejoin_server; elif has_release; then delete_data; fi
    ;;
  agent)
    receive_bundle
    restart_worker
    ;;
esac
