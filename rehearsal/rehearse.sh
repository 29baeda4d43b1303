#!/bin/sh
# `npm run rehearse`: checks the computer before anything is installed or changed, then runs the rehearsal on Node 24.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
sh "$here/preflight.sh"
exec sh "$here/../tools/node.sh" "$here/main.ts" "$@"
