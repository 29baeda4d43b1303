#!/bin/bash
# Lists the snapshots that Proxmox has of a VM, as Proxmox answers, takes one, without the memory of the VM, or deletes one. It waits
# until that is done.
# https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/snapshot
#
#   vm-snapshot.sh list NODE API HOST VM
#   vm-snapshot.sh take NODE API HOST VM NAME DESCRIPTION
#   vm-snapshot.sh delete NODE API HOST VM NAME
# shellcheck source=src/rke2/scripts/proxmox.sh
. "$(dirname "$0")/proxmox.sh"
# Storages that copy what a deleted snapshot held take the longest.
readonly LIMIT=600
name=${6-} description=${7-}

case $1 in
  list)
    ask GET "qemu/$vm/snapshot" || fail "Proxmox does not list the snapshots of VM $vm: $problem"
    echo "$answer"
    ;;
  take)
    run_task "$LIMIT" POST snapshot "snapname=$name" "description=$description" ||
      fail "Proxmox could not take the snapshot $name of VM $vm: $problem"
    ;;
  delete)
    run_task "$LIMIT" DELETE "snapshot/$name" ||
      fail "Proxmox could not delete the snapshot $name of VM $vm: $problem"
    ;;
esac
