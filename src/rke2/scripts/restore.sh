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
# RESTORE   seconds since 1970. A node that joined the cluster later has no part in this restore.
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

reached() {
  [ "$(cat "$JOURNAL" 2>/dev/null)" = "$1 $restore" ]
}

record() {
  echo "$1 $restore" >"$JOURNAL"
}

# Its part in the cluster began, or began again, after the restore was decided: there is nothing left to do here.
is_newer_than_restore() {
  (($(stat --format %Y "$MEMBER" 2>/dev/null || echo 0) > restore))
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

# RKE2 refuses a reset while its configuration has `server:`, so it gets a copy without that key. `--etcd-s3=false`: a file is
# meant, even if the cluster has a store.
run_reset() {
  (umask 077 && sed '/^server: /d' "$RKE2_CONFIG/config.yaml" >"$STATE/reset.yaml")
  timeout 900 /usr/local/bin/rke2 server --config="$STATE/reset.yaml" --cluster-reset \
    --cluster-reset-restore-path="$SNAPSHOTS/$1" --etcd-s3=false >"$STATE/reset.log" 2>&1 &&
    grep --quiet 'cluster membership has been reset' "$STATE/reset.log"
}

# reset_etcd SNAPSHOT
reset_etcd() {
  local before moved
  before=$(old_data)
  say "restoring the snapshot $1"
  if run_reset "$1"; then return; fi
  moved=$(comm -13 <(echo "$before") <(old_data) | tail -n 1)
  if [ -n "$moved" ]; then
    rm -rf "$DB/etcd"
    mv "$moved" "$DB/etcd"
  fi
  tail -n 5 "$STATE/reset.log" >&2
  fail "RKE2 cannot restore $1; above are its last words. All servers are stopped and have their data from before: choose" \
    "another snapshot and run \`up\` again, or remove cluster.restore and run 'systemctl enable --now rke2-server' on every control plane"
}

reset_server() {
  if ! reached reset; then
    install_release "$version"
    reset_etcd "$1"
    record reset
  fi
  bring_up
  say "has the state of the snapshot $1"
}

# The snapshots stay: RKE2 says to delete all of server/db, and they are in it.
rejoin_server() {
  if ! reached rejoin; then
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
  stop | reset | rejoin)
    if is_newer_than_restore; then
      say "has been a member of the restored cluster already"
      exit 0
    fi
    case $phase in
      stop) stop_server ;;
      reset) reset_server "$5" ;;
      rejoin) rejoin_server ;;
    esac
    ;;
  agent)
    if is_newer_than_restore; then exit 0; fi
    start_rke2 agent
    gate agent "$(cat "$STATE/installed")"
    ;;
esac
