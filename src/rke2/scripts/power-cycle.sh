#!/bin/bash
# Runs where Pulumi runs. Lets Proxmox shut a VM down and start it again, which applies the changes of its configuration that
# are pending, and waits until Proxmox has done it.
# https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/status/reboot
#
#   power-cycle.sh NODE API HOST VM SECONDS
#
# API        URL of Proxmox' API, with its path
# SECONDS    that the guest may take to shut down. Its power is not cut afterwards.
#
# The script comes on standard input and the API token is the line after it: neither a process list nor a log shows it.
set -euo pipefail
node=$1 host=$2/nodes/$3 vm=$4 seconds=$5
# The authorities by which the provider trusts Proxmox; curl has a name of its own for them.
if [ -n "${SSL_CERT_FILE:-}" ]; then export CURL_CA_BUNDLE=$SSL_CERT_FILE; fi

fail() {
  echo "$node: power-cycle: $*" >&2
  exit 1
}

# ask METHOD URL [FORM]: sets `answer` to the body. Fails with `problem` set when there is no answer, or another than 2xx.
ask() {
  local status
  answer=$(printf 'Authorization: PVEAPIToken=%s\n' "$token" |
    curl --silent --show-error --max-time 20 --header @- --request "$1" ${3:+--data "$3"} \
      --write-out '\n%{http_code} %{errormsg}' "$2" 2>/dev/null) || true
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  problem=${status#000 }
  [[ $status == 2* ]]
}

# field NAME: of the JSON in `answer`, when it is a text.
field() {
  sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$answer"
}

cycle() {
  local token answer='' problem='' task end=$((SECONDS + seconds + 120))
  read -r token
  ask POST "$host/qemu/$vm/status/reboot" "timeout=$seconds" || fail "Proxmox does not restart VM $vm: $problem"
  task=$(field data)
  while :; do
    # One call that fails says nothing about the task.
    if ask GET "$host/tasks/$task/status" && [ "$(field status)" = stopped ]; then break; fi
    ((SECONDS < end)) || fail "Proxmox has not restarted VM $vm within $((seconds + 120)) s; look at its tasks"
    sleep 1
  done
  if [ "$(field exitstatus)" != OK ]; then
    fail "Proxmox could not restart VM $vm: $(field exitstatus)"
  fi
}

# In one line: the next one on standard input is the token.
cycle; exit
