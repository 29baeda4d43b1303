# shellcheck shell=bash
# Source it in a script that asks the API of Proxmox about one VM. Such a script runs where Pulumi runs, and has these arguments first:
#
#   SCRIPT.sh ACTION NODE API HOST VM ...
#
# API        URL of Proxmox' API, with its path
#
# The API token comes on standard input: neither a process list nor a log shows it.
set -euo pipefail
script=${0##*/} node=$2 host=$3/nodes/$4 vm=$5 answer='' problem=''
read -r token
# The authorities by which the provider trusts Proxmox; curl has a name of its own for them.
if [ -n "${SSL_CERT_FILE:-}" ]; then export CURL_CA_BUNDLE=$SSL_CERT_FILE; fi

fail() {
  echo "$node: ${script%.sh}: $*" >&2
  exit 1
}

# ask METHOD PATH [NAME=VALUE]...: sets `answer` to the body. Fails with Proxmox' own words in `problem`, which are in the status line.
ask() {
  local method=$1 path=$2 parameter
  local -a form=()
  shift 2
  for parameter; do form+=(--data-urlencode "$parameter"); done
  if ! answer=$(printf 'Authorization: PVEAPIToken=%s\n' "$token" |
    curl --silent --show-error --include --suppress-connect-headers --max-time 20 --header @- --request "$method" \
      ${form[@]+"${form[@]}"} "$host/$path" 2>&1); then
    problem=${answer%%$'\n'*}
    return 1
  fi
  problem=${answer%%[$'\r\n']*}
  problem=${problem#HTTP/* }
  answer=${answer#*$'\r\n\r\n'}
  [[ $problem == 2* ]]
}

# field NAME: of the JSON in `answer`, when it is a text.
field() {
  sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$answer"
}

# run_task SECONDS METHOD PATH [NAME=VALUE]...: asks for a task at a path below that of the VM, and waits until it has ended. Fails
# with the reason in `problem`. A task that only warned has done its work (pve-common, PVE/Tools.pm, upid_status_is_error).
run_task() {
  local task seconds=$1 method=$2 path=$3 end=$((SECONDS + $1))
  shift 3
  ask "$method" "qemu/$vm/$path" "$@" || return 1
  task=$(field data)
  # One call that fails says nothing about the task.
  until ask GET "tasks/$task/status" && [ "$(field status)" = stopped ]; do
    if ((SECONDS >= end)); then
      problem="its task has not ended within $seconds s"
      return 1
    fi
    sleep 1
  done
  problem=$(field exitstatus)
  [[ $problem == OK || $problem == WARNINGS:* ]]
}
