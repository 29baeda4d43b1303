#!/bin/bash
# Writes the files of a bundle (src/rke2/bundle.ts) read from standard input, each at once and with its owner and mode.
#
#   unpack.sh                        writes them
#   unpack.sh compare [SECRET...]    writes none of them, and prints how those of the node differ: a word, the path and the details.
#                                    No line of a file that SECRET names is printed.
#
# It brings itself: `bash -s` runs it from standard input with the first bundle behind it, which installs the toolkit.
# That works because bash reads a script from a pipe no further than what it runs, hence the call on the last line.
set -euo pipefail
umask 022

action=${1:-write}
secrets=" ${*:2} "
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
  if [ "$action" = compare ]; then
    partial=$(mktemp)
    return
  fi
  mkdir -p "$(dirname "$path")"
  # In the same directory, so that the rename is atomic; never readable by others, also with a mode that will allow it.
  partial=$(mktemp "$path.XXXXXX")
}

# Of a line that is not wanted only the key, if it has one: the rest may be a secret.
compare_lines() {
  local key='[A-Za-z][A-Za-z0-9_.-]{0,39}' value='(:([[:space:]].*)?|=[^=].*)'
  { grep -aFxv -f "$path" "$partial" || true; } | sed 's/^/- /'
  { grep -aFxv -f "$partial" "$path" || true; } | sed -E "s/^[[:space:]]*\"?($key)\"?[[:space:]]*$value\$/+ \1/; t; s/.*/+/"
}

compare_file() {
  local found
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then
    echo "missing $path"
  elif [ ! -f "$path" ] || [ -L "$path" ]; then
    echo "type $path $(stat -c %F "$path")"
  else
    found=$(stat -c '%04a %U:%G' "$path")
    if [ "$found" != "$mode $owner" ]; then echo "permissions $path $found"; fi
    if [ "$(sha256sum <"$path")" != "$(sha256sum <"$partial")" ]; then
      echo "contents $path"
      case $secrets in
        *" $path "*) ;;
        *) compare_lines ;;
      esac
    fi
  fi
}

finish_file() {
  if [ -z "$path" ]; then return; fi
  if [ "$action" = compare ]; then
    compare_file
    rm -f "$partial"
    path=''
    return
  fi
  chown "$owner" "$partial"
  chmod "$mode" "$partial"
  mv -f "$partial" "$path"
  path=''
}

unpack() {
  local line
  # Also a last line without a line feed.
  while IFS= read -r line || [ -n "$line" ]; do
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
