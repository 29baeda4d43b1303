#!/bin/bash
# Runs where Pulumi runs. Lets Proxmox shut a VM down and start it again, which applies the changes of its configuration that
# are pending, and waits until it runs. With `check` it only asks whether Proxmox shows the VM there.
# https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/status/reboot
#
#   power-cycle.sh check|restart NODE API HOST VM SECONDS
#
# API        URL of Proxmox' API, with its path
# SECONDS    that the guest may take to shut down. Its power is not cut afterwards.
#
# The script comes on standard input and the API token is the line after it: neither a process list nor a log shows it.
set -euo pipefail
action=$1 node=$2 host=$3/nodes/$4 vm=$5 seconds=$6
# How long Proxmox may take to start a VM whose guest is off.
readonly START=120
# The authorities by which the provider trusts Proxmox; curl has a name of its own for them.
if [ -n "${SSL_CERT_FILE:-}" ]; then export CURL_CA_BUNDLE=$SSL_CERT_FILE; fi

fail() {
  echo "$node: power-cycle: $*" >&2
  exit 1
}

# ask METHOD PATH [FORM]: sets `answer` to the body. Fails with Proxmox' own words in `problem`, which are in the status line.
ask() {
  if ! answer=$(printf 'Authorization: PVEAPIToken=%s\n' "$token" |
    curl --silent --show-error --include --suppress-connect-headers --max-time 20 --header @- --request "$1" \
      ${3:+--data "$3"} "$host/$2" 2>&1); then
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

# run_task ACTION [FORM]: a power action of Proxmox, until its task has ended.
run_task() {
  local task end=$((SECONDS + seconds + START))
  ask POST "qemu/$vm/status/$1" "${2:-}" || fail "Proxmox does not restart VM $vm: $problem"
  task=$(field data)
  # One call that fails says nothing about the task.
  until ask GET "tasks/$task/status" && [ "$(field status)" = stopped ]; do
    ((SECONDS < end)) || fail "Proxmox has not restarted VM $vm within $((seconds + START)) s; look at its tasks"
    sleep 1
  done
  if [ "$(field exitstatus)" != OK ]; then
    fail "Proxmox could not restart VM $vm: $(field exitstatus)"
  fi
}

# The task of a reboot ends when the guest is off. Proxmox starts the VM afterwards, and tells nobody when it cannot.
restart() {
  local end
  if [ "$(field status)" = stopped ]; then run_task start; else run_task reboot "timeout=$seconds"; fi
  end=$((SECONDS + START))
  until ask GET "qemu/$vm/status/current" && [ "$(field status)" = running ]; do
    ((SECONDS < end)) || fail "Proxmox has shut VM $vm down and has not started it within $START s; start it in Proxmox, which says why"
    sleep 1
  done
}

main() {
  local token answer='' problem=''
  read -r token
  ask GET "qemu/$vm/status/current" || fail "Proxmox does not show VM $vm: $problem"
  if [ "$action" = restart ]; then restart; fi
}

# In one line: the next one on standard input is the token.
main; exit
