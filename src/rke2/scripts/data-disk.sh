# shellcheck shell=bash
# Source it after lib.sh. Makes the directories of the local volumes on a file system of their own, the data disk.

# By the serial number that the machine's disk has in Proxmox: the order of the disks is not always the same.
readonly DATA_DISK=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_rke2-data
readonly DATA=/mnt/data
readonly DATA_LABEL=rke2-data

# prepare_data_disk VOLUMES GIB: volume-01 ... below /mnt/data, on a disk of so many GiB. What is there stays; a grown disk
# is grown into.
prepare_data_disk() {
  local number
  wait_for 30 "the data disk $DATA_DISK" test -b "$DATA_DISK"
  wait_for 30 "the data disk $DATA_DISK to have its $2 GiB" has_gibibytes "$2"
  format_data_disk
  mount_data_disk
  resize2fs "$DATA_DISK" >&2 || fail "the file system on $DATA_DISK cannot grow with its disk"
  # A pod's fsGroup decides who may write in its volume.
  for number in $(seq "$1"); do
    install -d -m 0755 "$DATA/$(printf 'volume-%02d' "$number")"
  done
}

# The guest learns a little later than Proxmox that a disk has grown.
has_gibibytes() {
  [ "$(blockdev --getsize64 "$DATA_DISK")" -ge $(($1 << 30)) ]
}

# Nothing but a blank disk is ever formatted.
format_data_disk() {
  local label found
  label=$(blkid --probe --match-tag LABEL --output value "$DATA_DISK") || true
  if [ "$label" = "$DATA_LABEL" ]; then return; fi
  found=$(blkid --probe "$DATA_DISK") || true
  if [ -n "$found" ]; then
    fail "$DATA_DISK is not blank ($found); if nothing on it is needed, run \`wipefs --all\` on it, then try again"
  fi
  say "making a file system on the data disk"
  # Every block is the volumes': the reserve for root is for a system's own disk. The journal of a blank disk needs no
  # zeros written, which a thin volume would have to store.
  mkfs.ext4 -q -m 0 -E lazy_journal_init=1 -L "$DATA_LABEL" "$DATA_DISK"
}

# The volumes' directories are on the disk, so that nothing is written elsewhere while it is missing; and a machine
# without it still boots and can be reached.
mount_data_disk() {
  local entry="$DATA_DISK $DATA ext4 defaults,nodev,nosuid,nofail 0 2"
  install -d -m 0755 "$DATA"
  grep -qxF "$entry" /etc/fstab || echo "$entry" >>/etc/fstab
  if ! mountpoint --quiet "$DATA"; then mount "$DATA"; fi
  # A disk that was detached while it was mounted stays a mount, of a device that is gone.
  if [ "$(mountpoint --fs-devno "$DATA")" != "$(mountpoint --devno "$DATA_DISK")" ]; then
    fail "$DATA is mounted from another device than $DATA_DISK; drain the node and reboot it, then try again"
  fi
}
