# shellcheck shell=bash
# Source it after lib.sh. Makes the certificates of RKE2 on this node anew, once for each name of a rotation: RKE2 makes those that it
# misses when it starts (https://docs.rke2.io/security/certificates).

# The rotation whose certificates RKE2 has on this node.
readonly CERTIFICATES=$STATE/certificates

# A machine that becomes a member gets new certificates by its first start.
record_certificates() {
  if [ -f "$CERTIFICATE_ROTATION" ]; then cp "$CERTIFICATE_ROTATION" "$CERTIFICATES"; fi
}

has_wanted_certificates() {
  [ ! -f "$CERTIFICATE_ROTATION" ] || [ "$(cat "$CERTIFICATES" 2>/dev/null)" = "$(cat "$CERTIFICATE_ROTATION")" ]
}

# rotate_certificates ROLE: stops RKE2 before. The authorities stay, so that the other nodes trust the new certificates.
rotate_certificates() {
  if has_wanted_certificates; then return; fi
  local services=()
  # Without names the command takes a node with a directory for servers for a server (k3s-io/k3s, pkg/cli/cert/cert.go).
  if [ "$1" = agent ]; then services=(--service "kubelet,kube-proxy,rke2-controller"); fi
  say "makes the certificates of RKE2 anew, for the rotation $(cat "$CERTIFICATE_ROTATION")"
  systemctl stop "rke2-$1.service"
  local output
  if ! output=$(/usr/local/bin/rke2 certificate rotate "${services[@]}" 2>&1); then
    echo "$output" >&2
    systemctl start --no-block "rke2-$1.service"
    fail "the certificates cannot be made anew, so RKE2 was started with those that it has"
  fi
  record_certificates
}

# Before anything is touched. A restart of this server alone would make its certificates anew and wait: etcd needs a majority, and the
# certificates of the other servers have mostly ended on the same day.
refuse_ended_certificates() {
  local certificate=$RKE2_DATA/server/tls/etcd/server-client.crt end
  if ! command -v openssl >/dev/null || [ ! -f "$certificate" ] || openssl x509 -checkend 0 -noout -in "$certificate" >/dev/null; then
    return
  fi
  end=$(openssl x509 -enddate -noout -in "$certificate")
  fail "RKE2's certificates on this server ended on ${end#notAfter=}, so nothing was changed; restart RKE2 on all control planes at the same time, as docs/operations/kubeconfig.md says, and run \`up\` again"
}
