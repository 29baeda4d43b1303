#!/bin/sh
# `npm test`: unit, component, policy and rehearsal tests. Further arguments go to vitest.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
sh "$here/../rehearsal/preflight.sh"
exec sh "$here/node.sh" "$here/../node_modules/vitest/vitest.mjs" run "$@"
