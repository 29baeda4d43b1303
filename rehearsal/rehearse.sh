#!/bin/sh
# `npm run rehearse`: checks the computer before anything is installed or changed, then runs the rehearsal on Node 24.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
case " ${1-} ${2-} " in
  *" --help "* | *" -h "*) ;; # A page of help needs nothing of the computer.
  *) sh "$here/preflight.sh" ;;
esac
exec sh "$here/../tools/node.sh" "$here/main.ts" "$@"
