# shellcheck shell=bash
# Source it after lib.sh. Has another server hold the API's address before RKE2 stops on this one.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

readonly KUBE_VIP_MANIFEST=$MANIFESTS/kube-vip.yaml

# kube-vip: its container lives on while RKE2 is stopped, and with it the lease, so nothing would answer at the address on
# port 9345 (kube-vip#1786). keepalived: another server takes the address when this one no longer answers, but not at once.
let_go_of_address() {
  if keepalived_moves_address; then
    systemctl stop keepalived.service
  elif [ -f "$KUBE_VIP_MANIFEST" ] && holds_address; then
    hand_over_address
  fi
}

virtual_address() {
  sed -n '/name: address$/{n;s/.*value: "\{0,1\}\([0-9.]*\).*/\1/p}' "$KUBE_VIP_MANIFEST"
}

holds_address() {
  ip -brief address show | grep -qF " $(virtual_address)/"
}

# Takes the address from this machine where kube-vip was killed: it leaves the address behind, and this machine would connect
# to itself there.
drop_address() {
  local device
  if [ ! -f "$KUBE_VIP_MANIFEST" ]; then return; fi
  device=$(ip -oneline address show to "$(virtual_address)/32" | awk '{print $2; exit}')
  if [ -n "$device" ]; then ip address delete "$(virtual_address)/32" dev "$device"; fi
}

# The administrator's: kube-vip's lease and pods are no business of a kubelet's.
server_kubectl() {
  "$RKE2_DATA/bin/kubectl" --kubeconfig "$RKE2_CONFIG/rke2.yaml" --request-timeout 20s "$@"
}

# With a namespace of its own kubectl refuses to delete in all of them.
system_kubectl() {
  server_kubectl --namespace kube-system "$@"
}

# Ends what encryption.sh has begun: everybody may write Secrets again.
thaw_secrets() {
  server_kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy "$FREEZE" --ignore-not-found >/dev/null
}

# The lease is given to a server that works, and this server's kube-vip ends once that one has taken it: the address is
# with both for a moment, and never with none. To end kube-vip alone would leave the lease to the server that asks first, and that
# may be this server's kube-vip, which the DaemonSet starts again. A holder that has lost the lease gives up by itself
# when its deadline is over, should this script end in between.
hand_over_address() {
  local successor given
  if ! successor=$(find_successor); then
    say "no other server can take the API's address, which is away until RKE2 runs again"
    return
  fi
  say "handing the API's address over to $successor"
  given=$(date --utc +%Y-%m-%dT%H:%M:%S.%6NZ)
  # The test refuses what has become untrue: that this server holds the lease.
  if system_kubectl patch lease plndr-cp-lock --type json --patch "[
      {\"op\": \"test\", \"path\": \"/spec/holderIdentity\", \"value\": \"$node\"},
      {\"op\": \"replace\", \"path\": \"/spec/holderIdentity\", \"value\": \"$successor\"},
      {\"op\": \"replace\", \"path\": \"/spec/acquireTime\", \"value\": \"$given\"},
      {\"op\": \"replace\", \"path\": \"/spec/renewTime\", \"value\": \"$given\"}]" >/dev/null; then
    within 30 has_taken "$successor" "$given" || say "$successor has not renewed the lease; any server may take it when it is over"
  fi
  system_kubectl delete pods --selector app.kubernetes.io/name=kube-vip --field-selector "spec.nodeName=$node" \
    --timeout 60s >/dev/null || say "kube-vip of this server cannot be ended"
  within 30 lets_go || say "this server has the API's address still, which other servers take when the lease is over"
}

# The first server whose kube-vip is ready and which registers nodes.
find_successor() {
  local name address ready
  while read -r name address ready; do
    if [ "$name" != "$node" ] && [ "$ready" = true ] && registration_answers "$address"; then
      echo "$name"
      return
    fi
  done < <(system_kubectl get pods --selector app.kubernetes.io/name=kube-vip --output \
    jsonpath='{range .items[*]}{.spec.nodeName} {.status.hostIP} {.status.containerStatuses[0].ready}{"\n"}{end}')
  return 1
}

# has_taken SERVER TIME: the lease was renewed by the server since then.
has_taken() {
  local lease
  lease=$(system_kubectl get lease plndr-cp-lock --output jsonpath='{.spec.holderIdentity} {.spec.renewTime}') || return 1
  [ "${lease% *}" = "$1" ] && [ "${lease#* }" != "$2" ]
}

lets_go() {
  ! holds_address
}
