#!/bin/sh
# Runs Node 24 with the given arguments: the program is TypeScript that Node itself strips of its types (ADR 1).
# Uses the Node on PATH where it is new enough, else the one that the package lock brings.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

if [ ! -d "$root/node_modules/@pulumi/pulumi" ]; then
  echo "Installing the packages of package-lock.json ..." >&2
  # No install scripts: those of the Pulumi packages only try to download plugins.
  (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
fi

node=node
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 24')" != true ]; then
  for candidate in "$root"/node_modules/node-linux-*/bin/node; do
    [ -x "$candidate" ] && node=$candidate
  done
fi
if [ "$node" = node ] && [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 24')" != true ]; then
  echo "Node 24 or newer is needed; found $(node --version)." >&2
  exit 2
fi
PATH=$(dirname -- "$(command -v "$node")"):$PATH
# For every Node process below as well: compiling the Pulumi packages is half of their start.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compiled}
export PATH NODE_COMPILE_CACHE
exec "$node" "$@"
