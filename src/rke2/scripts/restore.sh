#!/bin/bash
# Restores etcd from a snapshot, in the order of RKE2's documentation (datastore/backup_restore). Each phase may be repeated
# after an end at any point.
#
#   restore.sh NODE check  VERSION SNAPSHOT      on the server with the snapshot; prints the time, which names this restore
#   restore.sh NODE ask    VERSION               on each other server
#   restore.sh NODE stop   VERSION RESTORE       on all servers: nothing of etcd or the API may be left
#   restore.sh NODE reset  VERSION RESTORE SNAPSHOT   on the server with the snapshot
#   restore.sh NODE rejoin VERSION RESTORE       on each other server, one after another
#   restore.sh NODE agent  VERSION RESTORE       on each worker
#
# RESTORE   names this restore: the second at which it was decided
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/let-go.sh
. "$(dirname "$0")/let-go.sh"
# shellcheck source=src/rke2/scripts/snapshot.sh
. "$(dirname "$0")/snapshot.sh"
begin restore "$1"
phase=$2 version=$3 restore=${4:-}

readonly DB=$RKE2_DATA/server/db
# `PHASE RESTORE` of the last phase that this server began or ended.
readonly JOURNAL=$STATE/restore
# The folders of old data before this restore, after a line with its name.
readonly OLD_BEFORE=$STATE/restore-old-data

reached() {
  [ "$(cat "$JOURNAL" 2>/dev/null)" = "$1 $restore" ]
}

record() {
  echo "$1 $restore" >"$JOURNAL"
}

require_member() {
  is_member || fail "this node has not been a member of the cluster yet, so there is nothing to restore and nothing was changed; run \`up\` without cluster.restore first"
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

# With the files that this server has.
bring_up() {
  install_release "$version"
  if ! systemctl is-active --quiet rke2-server.service; then start_rke2 server; fi
  gate server "$version"
  offer_to_hold_address
  touch "$MEMBER"
}

old_data() {
  find "$DB" -maxdepth 1 -name 'etcd-old-*' | sort
}

# An attempt that was killed has moved the data of before already, so the list is of before the first attempt.
remember_old_data() {
  if [ "$(head -n 1 "$OLD_BEFORE" 2>/dev/null)" = "$restore" ]; then return; fi
  { echo "$restore" && old_data; } >"$OLD_BEFORE.partial"
  mv "$OLD_BEFORE.partial" "$OLD_BEFORE"
}

# The first folder of this restore has the data of before it; later ones have what an attempt restored.
put_old_data_back() {
  local -a moved
  mapfile -t moved < <(comm -13 <(tail -n +2 "$OLD_BEFORE") <(old_data))
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
  all=$(server_kubectl get secrets --output name) || fail "the passwords of nodes cannot be read; run \`up\` again"
  mapfile -t secrets < <(grep '\.node-password\.rke2$' <<<"$all" | grep -vxF "secret/$node.node-password.rke2")
  if ((${#secrets[@]} > 0)); then server_kubectl delete --ignore-not-found "${secrets[@]}" >/dev/null; fi
}

# RKE2 refuses a reset while its configuration has `server:`, so it gets a copy without that key. `--etcd-s3=false`: a file is
# meant, even if the cluster has a store. Containers that it starts must not hold the lock of this node (9).
run_reset() {
  (umask 077 && sed '/^server: /d' "$RKE2_CONFIG/config.yaml" >"$STATE/reset.yaml")
  timeout 900 /usr/local/bin/rke2 server --config="$STATE/reset.yaml" --cluster-reset \
    --cluster-reset-restore-path="$SNAPSHOTS/$1" --etcd-s3=false >"$STATE/reset.log" 2>&1 9>&- &&
    grep --quiet 'cluster membership has been reset' "$STATE/reset.log"
}

# reset_etcd SNAPSHOT
reset_etcd() {
  remember_old_data
  say "restoring the snapshot $1"
  if run_reset "$1"; then return; fi
  put_old_data_back
  tail -n 5 "$STATE/reset.log" >&2
  fail "RKE2 cannot restore $1; above are its last words. All servers are stopped and have their data from before: choose" \
    "another snapshot and run \`up\` again, or remove cluster.restore and run 'systemctl enable --now rke2-server' on every control plane"
}

# A person may have started RKE2 again since the phase that stopped it.
reset_server() {
  if ! reached reset; then
    stop_server
    install_release "$version"
    reset_etcd "$1"
    record reset
  fi
  bring_up
  forget_node_passwords
  say "has the state of the snapshot $1"
}

# The snapshots stay: RKE2 says to delete all of server/db, and they are in it.
rejoin_server() {
  if ! reached rejoin; then
    stop_server
    find "$DB" -mindepth 1 -maxdepth 1 ! -name snapshots -exec rm -rf {} +
    # From here on etcd may know this server: a second deletion would be refused as a duplicate name.
    record rejoin
  fi
  bring_up
  say "joined the restored cluster"
}

case $phase in
  check)
    require_member
    require_snapshot "$4" "$version"
    date +%s
    ;;
  ask) require_member ;;
  stop) stop_server ;;
  reset) reset_server "$5" ;;
  rejoin) rejoin_server ;;
  agent)
    # A worker that has not joined yet joins the restored cluster.
    if ! is_member; then exit 0; fi
    start_rke2 agent
    gate agent "$(cat "$STATE/installed")"
    ;;
esac
