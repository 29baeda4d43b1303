#!/bin/bash
# Lets Proxmox shut a VM down and start it again, which applies the changes of its configuration that are pending, and waits until
# it runs. With `check` it only asks whether Proxmox shows the VM there.
# https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/status/reboot
#
#   power-cycle.sh check|restart NODE API HOST VM SECONDS
#
# SECONDS    that the guest may take to shut down. Its power is not cut afterwards.
# shellcheck source=src/rke2/scripts/proxmox.sh
. "$(dirname "$0")/proxmox.sh"
# How long Proxmox may take to start a VM whose guest is off.
readonly START=120
action=$1 seconds=$6

# power ACTION [NAME=VALUE]
power() {
  local power=$1
  shift
  run_task $((seconds + START)) POST "status/$power" "$@" ||
    fail "Proxmox could not restart VM $vm: $problem"
}

# The task of a reboot ends when the guest is off. Proxmox starts the VM afterwards, and tells nobody when it cannot.
restart() {
  local end
  if [ "$(field status)" = stopped ]; then power start; else power reboot "timeout=$seconds"; fi
  end=$((SECONDS + START))
  until ask GET "qemu/$vm/status/current" && [ "$(field status)" = running ]; do
    ((SECONDS < end)) || fail "Proxmox has shut VM $vm down and has not started it within $START s; start it in Proxmox, which says why"
    sleep 1
  done
}

ask GET "qemu/$vm/status/current" || fail "Proxmox does not show VM $vm: $problem"
if [ "$action" = restart ]; then restart; fi
