#!/bin/sh
# `npm run lint`: Biome for TypeScript and JSON, shellcheck for shell.
set -eu
case "${1-}" in
  "") ;;
  --help | -h)
    echo "npm run lint: checks TypeScript and JSON by Biome, and shell scripts by shellcheck."
    exit 0
    ;;
  *)
    echo "Unexpected argument '$1'. Usage: npm run lint" >&2
    exit 2
    ;;
esac
if [ -t 2 ]; then
  echo "Checking TypeScript, JSON and shell scripts ..." >&2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here/.."
sh tools/node.sh node_modules/@biomejs/biome/bin/biome ci .
if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is missing: install the package of that name." >&2
  exit 1
fi
git ls-files -z --cached --others --exclude-standard -- '*.sh' .ci/run | xargs -0 shellcheck --external-sources
