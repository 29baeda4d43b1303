#!/bin/sh
# `npm run lint`: Biome for TypeScript and JSON, shellcheck for shell.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here/.."
sh tools/node.sh node_modules/@biomejs/biome/bin/biome ci .
if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is missing: install the package of that name." >&2
  exit 1
fi
git ls-files -z --cached --others --exclude-standard -- '*.sh' .ci/run | xargs -0 shellcheck --external-sources
