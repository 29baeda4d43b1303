#!/bin/sh
# The engine starts this as pulumi-language-nodejs. The Node on PATH is the one that runs the program too.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
exec node "$here/main.ts" "$@"
