#!/bin/bash
# Asks the ingress from this server. Traefik runs on other nodes, so each request to a node's port crosses the network between
# machines. A request to an address of MetalLB does not leave this node by that address: kube-proxy sends it to a pod.
#
#   ingress.sh NODE HOST CERTIFICATE SECONDS REVISION TARGET...
#
# HOST         name for which the client asks
# CERTIFICATE  `issued`: the certificate has to cover HOST; `any`: Traefik may serve its own one
# SECONDS      time for all targets to answer
# REVISION     changes when the ingress changes, so that the question is asked again
# TARGET       NAME=ADDRESS:PORT; `service` for the addresses that MetalLB has assigned to Traefik's Service
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin ingress "$1"
readonly host=$2 certificate=$3 seconds=$4
shift 5
problem=''

service_targets() {
  node_kubectl get service traefik --namespace traefik --output go-template='{{range .status.loadBalancer.ingress}}the load balancer={{.ip}}:443{{"\n"}}{{end}}'
}

list_targets() {
  if [ "$*" = service ]; then service_targets; else printf '%s\n' "$@"; fi
}

# The certificate's chain is not verified: the authority may be the administrator's own, or one for tests.
answers() {
  problem=$(curl --silent --show-error --insecure --noproxy '*' --max-time 5 --output /dev/null --connect-to "::$1" \
    "https://$host/" 2>&1 | sed 's/^curl: ([0-9]*) //') || return 1
}

covers_host() {
  local served
  if ! command -v openssl >/dev/null; then
    say "this node has no openssl, so it does not compare the certificate"
    return
  fi
  served=$(openssl s_client -connect "$1" -servername "$host" </dev/null 2>/dev/null || true)
  if ! openssl x509 -noout -checkhost "$host" <<<"$served" 2>/dev/null | grep -q ' does match '; then
    problem="serves a certificate that does not cover $host"
    return 1
  fi
}

serves() {
  answers "$1" && { [ "$certificate" = any ] || covers_host "$1"; }
}

list=$(list_targets "$@") || fail "Traefik's Service cannot be read"
[ -n "$list" ] || fail "MetalLB has assigned no address to Traefik's Service; look at kubectl describe service traefik -n traefik, then try again"

# A pod loads a new certificate within seconds.
failed=0 end=$((SECONDS + seconds))
while IFS= read -r target; do
  address=${target##*=}
  if within $((end - SECONDS)) serves "$address"; then continue; fi
  failed=$((failed + 1))
  say "the ingress at $address (${target%=*}) does not serve: $problem"
done <<<"$list"

if ((failed > 0)); then
  fail "clients cannot use the ingress at $failed of its addresses; look at Traefik's pods (kubectl get pods -n traefik -o wide) and, for a certificate, at kubectl describe certificate -n traefik; then try again"
fi
