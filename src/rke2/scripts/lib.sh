# shellcheck shell=bash
# Functions that all scripts of a node share. Source it, then call `begin STEP NODE`.
#
# On a node the constants of node-constants.ts precede it, such as TOOLKIT and RKE2_DATA.
#
# Everything a person has to read goes to standard error as `NODE: STEP: sentence`; standard output is for results.
set -Eeuo pipefail
umask 022

# Where etcd answers HTTP: under RKE2 its port 2379 speaks gRPC alone, and this one is on the loopback address only.
readonly ETCD=https://127.0.0.1:2382
# The digest of what RKE2 runs with on this node; absent while it is being changed.
readonly APPLIED=$STATE/applied
# Present from the moment at which the node did its part in the cluster for the first time.
readonly MEMBER=$STATE/member
# `NAME DIGEST` of the last rotation of the key for Secrets that began on this server, with the digest of the configuration before it.
# shellcheck disable=SC2034 # encryption.sh and restore.sh use it.
readonly ROTATION=$STATE/key-rotation

step='' node='' unit=''

begin() {
  step=$1 node=$2
  trap 'say "failed at: $BASH_COMMAND"' ERR
  trap 'fail "was stopped before it was done"' TERM HUP
  install -d -m 0700 "$STATE"
  # A run whose connection was lost may still be at work.
  exec 9>"$STATE/lock"
  flock --wait 60 9 || fail "another run is still at work on this node; wait for it to end, then try again"
}

say() {
  printf '%s: %s: %s\n' "$node" "$step" "$*" >&2
}

# Once RKE2's unit is involved, its last words come first.
fail() {
  trap - ERR
  if [ -n "$unit" ]; then
    journalctl --lines 5 --output cat --no-pager "_SYSTEMD_UNIT=$unit" _TRANSPORT=stdout >&2 || true
  fi
  say "$*"
  exit 1
}

# wait_for SECONDS WHAT COMMAND...: runs the command every second until it succeeds.
wait_for() {
  local seconds=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  if "$@"; then return; fi
  say "waiting for $what"
  until "$@"; do
    ((SECONDS < end)) || fail "gave up after $seconds s of waiting for $what"
    sleep 1
  done
}

# within SECONDS COMMAND...: whether the command, run twice a second, succeeds in that time.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.5
  done
}

# --- releases ---------------------------------------------------------------------------------------------------------

# The tarball of a version where prepare.sh leaves it: downloaded and checked before anything is stopped for it.
release_tarball() {
  echo "$STATE/releases/$1.tar.gz"
}

# install_release VERSION
install_release() {
  local installed
  installed=$(cat "$STATE/installed" 2>/dev/null || true)
  if [ "$installed" = "$1" ]; then return; fi
  [ -f "$(release_tarball "$1")" ] || fail "RKE2 $1 was not prepared on this node"
  if [ -n "$installed" ]; then echo "$installed" >"$STATE/previous"; fi
  # Removed first: a run that is cut short must not look like a finished one.
  rm -f "$STATE/installed"
  tar -xzf "$(release_tarball "$1")" -C /usr/local --no-same-owner
  systemctl daemon-reload
  echo "$1" >"$STATE/installed"
  say "installed RKE2 $1"
}

# Keeps the tarballs of the installed release and of the one before it, to which a change can be set back without a download.
forget_old_releases() {
  local installed previous file
  if [ ! -f "$STATE/previous" ]; then return; fi
  installed=$(release_tarball "$(cat "$STATE/installed")") previous=$(release_tarball "$(cat "$STATE/previous")")
  for file in "$STATE"/releases/*; do
    if [ "$file" != "$installed" ] && [ "$file" != "$previous" ]; then rm -f "$file"; fi
  done
}

# --- files ------------------------------------------------------------------------------------------------------------

# Keeps the bundle on standard input for this run.
receive_bundle() {
  cat >"$STATE/wanted"
  grep -q '^file /' "$STATE/wanted" || fail "no files arrived on standard input"
}

write_files() {
  "$TOOLKIT/unpack.sh" <"$STATE/wanted"
}

# The paths of the wanted files that are missing on this node, or differ there.
files_that_differ() {
  "$TOOLKIT/unpack.sh" compare <"$STATE/wanted" | sed -En 's/^(missing|type|permissions|contents) ([^ ]*).*/\2/p' | sort -u | xargs
}

# digest VERSION: of everything that decides how RKE2 runs on this node.
digest() {
  {
    echo "$1"
    cat "$STATE/wanted"
    if [ -f "$REGISTRIES" ]; then cat "$REGISTRIES"; fi
    # The password alone: what is around it is there once the cluster's authority is known.
    sed 's/^K10[0-9a-f]*::node://' "$AGENT_TOKEN"
  } | sha256sum | cut -d' ' -f1
}

is_applied() {
  [ "$(cat "$APPLIED" 2>/dev/null)" = "$(digest "$1")" ]
}

# change_to VERSION: installs and writes what is wanted. Until `record_applied` nothing counts as applied, so that a
# change which fails can be taken back to what was there before.
change_to() {
  rm -f "$APPLIED"
  install_release "$1"
  write_files
}

# record_applied VERSION
record_applied() {
  digest "$1" >"$APPLIED"
  touch "$MEMBER"
}

is_member() {
  [ -f "$MEMBER" ]
}

# --- the API's address ------------------------------------------------------------------------------------------------

# Whether the address is among the servers by keepalived, whose configuration is then one of the wanted files.
keepalived_moves_address() {
  grep -q "^file $KEEPALIVED " "$STATE/wanted"
}

# From now on, and after every boot, this server may hold the address as soon as it passes keepalived's checks.
offer_to_hold_address() {
  if keepalived_moves_address; then
    systemctl --quiet enable keepalived.service
    systemctl restart keepalived.service
  fi
}

# registration_answers HOST: whether a server registers nodes there.
registration_answers() {
  curl --silent --insecure --output /dev/null --connect-timeout 3 --max-time 5 "https://$1:$REGISTRATION_PORT/cacerts"
}

# --- RKE2 -------------------------------------------------------------------------------------------------------------

# start_rke2 ROLE: enables RKE2 at boot, and restarts it now. Does not wait for the start: the unit has no time limit of its own. It
# does wait for the stop, or the old process would still be taken for the new one.
start_rke2() {
  systemctl daemon-reload
  systemctl --quiet enable "rke2-$1.service"
  systemctl stop "rke2-$1.service"
  systemctl start --no-block "rke2-$1.service"
}

# systemd starts a unit that fails again and again. Ten times in one start is no hiccup.
rke2_is_up() {
  if systemctl is-active --quiet "$unit"; then return; fi
  (($(systemctl show --property NRestarts --value "$unit") < 10)) || fail "$unit keeps failing; above are its last words"
  return 1
}

# works ROLE: whether RKE2 runs and the API answers this node.
works() {
  systemctl is-active --quiet "rke2-$1.service" && node_kubectl get node "$node" >/dev/null 2>&1
}

# The kubelet's own identity: every node has it, servers and workers, and NodeRestriction confines it to this node.
node_kubectl() {
  "$RKE2_DATA/bin/kubectl" --kubeconfig "$RKE2_DATA/agent/kubelet.kubeconfig" --request-timeout 20s "$@"
}

# is_ready VERSION: Ready, and reported by a kubelet of that version.
is_ready() {
  local ready='{.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}'
  [ "$(node_kubectl get node "$node" -o jsonpath="$ready" 2>/dev/null)" = "True $1" ]
}

# etcd_ask CALL JSON: asks this server's own member.
etcd_ask() {
  local tls=$RKE2_DATA/server/tls/etcd
  curl --silent --fail --noproxy '*' --max-time 5 --cert "$tls/client.crt" --key "$tls/client.key" --cacert "$tls/server-ca.crt" \
    --data "$2" "$ETCD/v3/$1"
}

# `ID NODE ADDRESS voter|learner|starting` of each member. A linearizable question: it fails where there is no quorum. Only
# a member that has started has client URLs, and only a learner says isLearner.
list_members() {
  etcd_ask cluster/member/list '{"linearizable":true}' | tr '{' '\n' | awk '
    function after(text, line) {
      if (!match(line, text)) { return "-" }
      line = substr(line, RSTART + RLENGTH)
      sub(/".*/, "", line)
      return line
    }
    /"ID":/ {
      address = after("\"peerURLs\":\\[\"https://", $0)
      sub(/:[0-9]*$/, "", address)
      name = after("\"name\":\"", $0)
      # RKE2 names a member after its node, with eight random digits behind.
      if (name != "-") { sub(/-[0-9a-f]+$/, "", name) }
      print after("\"ID\":\"", $0), name, address, /"isLearner":true/ ? "learner" : /"clientURLs"/ ? "voter" : "starting"
    }'
}

# The answer proves a quorum that this member belongs to.
is_etcd_voter() {
  local address members
  address=$(sed -n 's/^node-ip: //p' "$RKE2_CONFIG/config.yaml")
  members=$(list_members) && [[ $members == *" $address voter"* ]]
}

# gate ROLE VERSION: returns once this node does its part.
gate() {
  unit=rke2-$1.service
  wait_for 900 "$unit to start" rke2_is_up
  if [ "$1" = server ]; then
    wait_for 300 "etcd to count this server as a voter" is_etcd_voter
  fi
  wait_for 300 "the node to become Ready with $2" is_ready "$2"
  unit=''
}
