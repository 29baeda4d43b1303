#!/bin/bash
# Writes registries.yaml, which may hold credentials and is therefore none of the readable files. RKE2 reads it when it
# starts; converge.sh sees that it changed.
#
#   registries.sh NODE <registries.yaml
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin registries "$1"

install -d -m 0755 "$RKE2_CONFIG"
(umask 077 && cat >"$REGISTRIES.partial")
[ -s "$REGISTRIES.partial" ] || fail "no registries arrived on standard input"
mv "$REGISTRIES.partial" "$REGISTRIES"
