# shellcheck shell=bash
# Source it after lib.sh. Makes the directories of the local volumes on a file system of their own, the data disk.

# The mount uses the name of the file system, which is that of the disk. It does not use /dev/disk/by-id, because the name
# there depends on the version of the machine: the serial number on Proxmox VE 8, `drive-scsi1` on 9.
readonly DATA_LABEL=$DATA_SERIAL
data_disk=''

# prepare_data_disk VOLUMES GIB: volume-01 ... below $DATA, on a disk of so many GiB. What is there stays; a grown disk
# is grown into.
prepare_data_disk() {
  local number
  wait_for 30 "the data disk, by its serial number $DATA_SERIAL" find_data_disk
  wait_for 30 "the data disk $data_disk to have its $2 GiB" has_gibibytes "$2"
  format_data_disk
  mount_data_disk
  resize2fs "$data_disk" >&2 || fail "the file system on $data_disk cannot grow with its disk"
  # A pod's fsGroup decides who may write in its volume.
  for number in $(seq "$1"); do
    install -d -m 0755 "$DATA/$(printf 'volume-%02d' "$number")"
  done
}

# udev reads the serial number from the disk (ID_SCSI_SERIAL).
find_data_disk() {
  data_disk=$(lsblk --nodeps --noheadings --paths --raw --output NAME,SERIAL |
    awk -v serial="$DATA_SERIAL" '$2 == serial { print $1 }')
  if [[ $data_disk == *$'\n'* ]]; then
    fail "several disks have the serial number $DATA_SERIAL: ${data_disk//$'\n'/, }; detach all but the data disk"
  fi
  [ -b "$data_disk" ]
}

# The guest learns a little later than Proxmox that a disk has grown.
has_gibibytes() {
  [ "$(blockdev --getsize64 "$data_disk")" -ge $(($1 << 30)) ]
}

# Nothing but a blank disk is ever formatted.
format_data_disk() {
  local label found
  label=$(blkid --probe --match-tag LABEL --output value "$data_disk") || true
  if [ "$label" = "$DATA_LABEL" ]; then return; fi
  found=$(blkid --probe "$data_disk") || true
  if [ -n "$found" ]; then
    fail "$data_disk is not blank ($found); if nothing on it is needed, run \`wipefs --all\` on it, then try again"
  fi
  say "making a file system on the data disk"
  # Every block is the volumes': the reserve for root is for a system's own disk. The journal of a blank disk needs no
  # zeros written, which a thin volume would have to store.
  mkfs.ext4 -q -m 0 -E lazy_journal_init=1 -L "$DATA_LABEL" "$data_disk"
}

# The volumes' directories are on the disk, so that nothing is written elsewhere while it is missing; and a machine
# without it still boots and can be reached. By the label, which is on the disk and the same under every version.
mount_data_disk() {
  local entry="LABEL=$DATA_LABEL $DATA ext4 defaults,nodev,nosuid,nofail 0 2"
  install -d -m 0755 "$DATA"
  grep -qxF "$entry" /etc/fstab || echo "$entry" >>/etc/fstab
  if ! mountpoint --quiet "$DATA"; then mount "$DATA"; fi
  # A disk that was detached while it was mounted stays a mount, of a device that is gone.
  if [ "$(mountpoint --fs-devno "$DATA")" != "$(mountpoint --devno "$data_disk")" ]; then
    fail "$DATA is mounted from another device than $data_disk; drain the node and reboot it, then try again"
  fi
}
