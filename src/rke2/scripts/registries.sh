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
# RKE2 may have started with a file that somebody changed, so converge.sh has to restart it.
if is_member && { [ ! -f "$REGISTRIES" ] || [ "$(sha256sum <"$REGISTRIES.partial")" != "$(sha256sum <"$REGISTRIES")" ]; }; then
  rm -f "$APPLIED"
fi
mv "$REGISTRIES.partial" "$REGISTRIES"
