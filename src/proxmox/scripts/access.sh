#!/bin/bash
# Run it as root on any host of the Proxmox cluster. It gives a user without a password exactly the listed rights, and creates
# a token that acts as that user. When it runs again, it applies only the changes of the stack file. It contains no secret:
# Proxmox creates the secret of the token, and prints it once.
set -euo pipefail

# set_access USER TOKEN, with a line `ROLE PATH PROPAGATE PRIVILEGE,PRIVILEGE,...` for each right on standard input.
set_access() {
  local user=$1 token=$2 wanted roles role path propagate privileges
  wanted=$(cat)
  make_user "$user"
  roles=$(entries roleid role list)
  while read -r role path propagate privileges; do
    if contains "$roles" "$role"; then
      pveum role modify "$role" --privs "$privileges"
    else
      pveum role add "$role" --privs "$privileges"
      # One role may be on several paths.
      roles+=$'\n'$role
    fi
    pveum acl modify "$path" --users "$user" --roles "$role" --propagate "$propagate"
    echo "$user may on $path: $privileges"
  done <<<"$wanted"
  revoke_others "$user" "$wanted"
  make_token "$user" "$token"
}

make_user() {
  local users
  users=$(entries userid user list)
  if ! contains "$users" "$1"; then
    pveum user add "$1" --comment "Pulumi's; it has no password, only a token"
  fi
}

# revoke_others USER WANTED: revokes rights of an earlier stack file, and rights that a person granted.
revoke_others() {
  local granted ugid path role
  granted=$(entries 'ugid path roleid' acl list)
  while read -r ugid path role; do
    if [ "$ugid" != "$1" ] || [[ $'\n'$2 == *$'\n'"$role $path "* ]]; then continue; fi
    pveum acl delete "$path" --users "$1" --roles "$role"
    echo "$1 is no longer $role on $path"
  done <<<"$granted"
}

# make_token USER TOKEN: a token without privilege separation, which has the rights of its user.
make_token() {
  local tokens
  tokens=$(entries tokenid user token list "$1")
  if contains "$tokens" "$2"; then
    echo "The token $1!$2 is there already; Proxmox shows its secret only when it is made."
  else
    pveum user token add "$1" "$2" --privsep 0
  fi
}

# contains LINES LINE
contains() {
  [[ $'\n'$1$'\n' == *$'\n'"$2"$'\n'* ]]
}

# entries 'KEY...' COMMAND...: a line with these values for each element of the list that pveum prints.
entries() {
  local line key values
  pveum "${@:2}" --output-format json | tr '{' '\n' | while read -r line || [ -n "$line" ]; do
    values=''
    for key in $1; do
      [[ $line =~ \"$key\"\ *:\ *\"?([^\",}]*) ]] || continue 2
      values+=" ${BASH_REMATCH[1]}"
    done
    echo "${values# }"
  done
}
