#!/bin/bash
# Runs on a node as the user with whom the program logs in. Adds a public key to the user's authorized keys, or removes it.
#
#   authorized-key.sh add|remove
#
# The script comes on standard input, and the key is the line after it.
set -euo pipefail

change() {
  local key file=~/.ssh/authorized_keys
  IFS= read -r key
  [ -n "$key" ]
  if [ "$1" = add ] && grep -qF -- "$key" "$file"; then return; fi
  # A copy has the mode and the owner of the file, and takes its place in one step.
  cp -p "$file" "$file.partial"
  case $1 in
    add)
      printf '\n%s\n' "$key" >>"$file.partial"
      ;;
    remove)
      # 1 says that no line is left.
      grep -vF -- "$key" "$file" >"$file.partial" || [ $? -eq 1 ]
      ;;
  esac
  mv "$file.partial" "$file"
}

# In one line: the next one on standard input is the key.
change "$1"; exit
