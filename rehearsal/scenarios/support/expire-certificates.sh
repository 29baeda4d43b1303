#!/bin/sh
# Signs the certificates of a control plane again, for a time that is over, and ends the programs that use them. RKE2 goes on, as it
# does when it runs for longer than a year.
set -eu
tls=/var/lib/rancher/rke2/server/tls
find "$tls" -name '*.crt' ! -name '*-ca*.crt' | while read -r certificate; do
  for authority in "$tls"/server-ca "$tls"/client-ca "$tls"/request-header-ca "$tls"/etcd/server-ca "$tls"/etcd/peer-ca; do
    if openssl verify -no_check_time -CAfile "$authority.crt" "$certificate" >/dev/null 2>&1; then
      openssl x509 -in "$certificate" -CA "$authority.crt" -CAkey "$authority.key" -not_before 20240101000000Z \
        -not_after 20250101000000Z -out "$certificate.expired" 2>/dev/null
      mv "$certificate.expired" "$certificate"
      break
    fi
  done
  openssl x509 -in "$certificate" -noout -enddate | grep -q 'Jan  1 00:00:00 2025' || {
    echo "$certificate has not ended" >&2
    exit 1
  }
done
for program in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  # shellcheck disable=SC2046 # One word for each process.
  kill -KILL $(pidof "$program")
done
