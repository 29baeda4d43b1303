#!/bin/bash
# Prints the administrator's kubeconfig of a server.
#
#   kubeconfig.sh NODE
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin kubeconfig "$1"

[ -f "$RKE2_CONFIG/rke2.yaml" ] || fail "$RKE2_CONFIG/rke2.yaml is not there, so no RKE2 server has started on this node"
cat "$RKE2_CONFIG/rke2.yaml"
