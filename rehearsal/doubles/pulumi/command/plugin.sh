#!/bin/sh
# The engine starts this as pulumi-resource-command.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
exec node "$here/main.ts" "$@"
