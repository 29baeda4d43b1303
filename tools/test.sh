#!/bin/sh
# `npm test`: unit, component, policy and rehearsal tests. Further arguments go to vitest.
set -eu
case "${1-}" in
  --help | -h)
    echo "npm test [-- ARGUMENTS]: installs and builds what the tests need, and runs all of them. The arguments go to vitest."
    echo "npm run test:unit runs the tests that need neither root nor a rehearsal."
    exit 0
    ;;
esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
sh "$here/../rehearsal/preflight.sh"
# The unit tests need it, so it cannot come with the set-up beside them.
sh "$here/browser.sh" >&2
# A first set-up builds for minutes. It runs beside the unit tests, and the rehearsals, which come after them, wait for it.
# `npm run test:unit` does without it.
sh "$here/node.sh" "$here/../rehearsal/main.ts" set-up >&2 &
setup=$!
trap 'kill "$setup" 2>/dev/null; exit 130' INT TERM
status=0
sh "$here/node.sh" "$here/../node_modules/vitest/vitest.mjs" run "$@" || status=$?
wait "$setup" || [ "$status" -ne 0 ] || status=1
exit "$status"
