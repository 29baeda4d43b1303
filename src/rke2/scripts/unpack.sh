#!/bin/bash
# Writes the files of a bundle (src/rke2/bundle.ts) read from standard input, each at once and with its owner and mode.
#
# It brings itself: `bash -s` runs it from standard input with the first bundle behind it, which installs the toolkit.
# That works because bash reads a script from a pipe no further than what it runs, hence the call on the last line.
set -euo pipefail
umask 022

path='' mode='' owner='' partial=''
trap 'rm -f "$partial"' EXIT

begin_file() {
  read -r _ path mode owner <<<"$1"
  case $path/ in
    [!/]* | *//* | */./* | */../*)
      echo "unpack: this path does not name its file in the one way that is read: $path" >&2
      return 1
      ;;
  esac
  mkdir -p "$(dirname "$path")"
  # In the same directory, so that the rename is atomic; never readable by others, also with a mode that will allow it.
  partial=$(mktemp "$path.XXXXXX")
}

finish_file() {
  if [ -z "$path" ]; then return; fi
  chown "$owner" "$partial"
  chmod "$mode" "$partial"
  mv -f "$partial" "$path"
  path=''
}

unpack() {
  local line
  while IFS= read -r line; do
    case $line in
      'file '*)
        finish_file
        begin_file "$line"
        ;;
      '| '*) printf '%s\n' "${line#| }" >>"$partial" ;;
      '|') echo >>"$partial" ;;
      '') ;;
      *)
        echo "unpack: this line belongs to no file: $line" >&2
        return 1
        ;;
    esac
  done
  finish_file
}

unpack
