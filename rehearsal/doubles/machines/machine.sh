#!/bin/sh
# Runs one machine in the foreground until it powers off. A reboot of the guest starts it again from the same disk.
#
#   unshare --mount machine.sh GROUP IMAGE VOLUME DIRECTORY TOOLS
#
# GROUP      control group of the machine, relative to the root of the hierarchy
# IMAGE      root file system that every disk starts from (read only)
# VOLUME     content of this machine's disk, as an overlay on the image
# DIRECTORY  the machine's run-time files. Read: nics, disks, pci-devices, cpuinfo, meminfo, root-bytes, seed/. Written: root/, net,
#            udev/ and init, which holds the process id of the guest's PID 1 from the moment that it answers
# TOOLS      directory that the machine has at /opt/rehearsal/bin, beside pci-devices
#
# All mounts are in the private mount namespace of this script, and one of them keeps the machine's network namespace. The
# kernel removes all of them with the last process of the machine.
set -eu

group=$1 image=$2 volume=$3 directory=$4 tools=$5
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# The exit status of systemd-nspawn when the guest asked for a reboot; systemd uses it for RestartForceExitStatus too.
reboot_requested=133

# systemd-nspawn's locks and mount points for machinectl, which is not used here, would stay on the host.
hide_supervisor_files() {
  mkdir -p /run/systemd/nspawn
  mount -t tmpfs tmpfs /run/systemd/nspawn
}

mount_disk() {
  mkdir -p "$volume/upper" "$volume/work" "$directory/root"
  # Redirected directories would tie a disk to the path of its image.
  mount -t overlay overlay -o "lowerdir=$image,upperdir=$volume/upper,workdir=$volume/work,redirect_dir=off" \
    "$directory/root"
}

# One veth pair for each NIC. The host's end is the port on the bridge and has the name that Proxmox gives it. Each boot has a
# new namespace, because addresses are lost at a power cycle.
plug_in() {
  while read -r port _; do
    ip link delete "$port" 2>/dev/null || true
  done <"$directory/nics"
  umount "$directory/net" 2>/dev/null || true
  : >"$directory/net"
  unshare --net="$directory/net" true
  while read -r port guest_name bridge mac state; do
    ip link add "$port" type veth peer name "$guest_name" address "$mac" netns "$directory/net"
    ip link set "$port" master "$bridge" "$state"
  done <"$directory/nics"
}

# Signals to the guest's PID 1 are lost before it listens on its socket.
announce_init() {
  members=/sys/fs/cgroup/$group/payload/init.scope/cgroup.procs
  init=
  until [ -n "$init" ] && [ -S "/proc/$init/root/run/systemd/private" ]; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.05
    [ -e "$members" ] || continue
    while read -r process; do
      if grep -q '^NSpid:.*[[:space:]]1$' "/proc/$process/status" 2>/dev/null; then
        init=$process
      fi
    done <"$members"
  done
  echo "$init" >"$directory/init.new"
  mv "$directory/init.new" "$directory/init"
}

# Each data disk is a sparse file behind a loop device. A detached device is removed with its last user: the process that
# keeps it open here ends with the machine's control group.
attach_disks() {
  disks=
  rm -rf "$directory/udev"
  mkdir "$directory/udev"
  while read -r serial name bytes file; do
    truncate --size="$bytes" "$file"
    device=$(losetup --find --show "$file")
    # Opened before the fork: a detached device that no process has open could be given to another machine at once.
    exec 7<"$device"
    # shellcheck disable=SC2217 # It only keeps the device open.
    sleep infinity <&7 &
    exec 7<&-
    losetup --detach "$device"
    describe_disk "$device" "$serial" "$name"
    disks="$disks --bind=$device --bind=$device:/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$name"
  done <"$directory/disks"
}

# No udev runs in a container. This is its database entry of a SCSI disk of QEMU. The serial number is a separate property: the
# identity, from which the link below /dev/disk/by-id is made, need not contain it.
describe_disk() {
  cat >"$directory/udev/b$(lsblk --nodeps --noheadings --output MAJ:MIN "$1" | tr -d ' ')" <<END
S:disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$3
I:1
E:ID_SCSI=1
E:ID_VENDOR=QEMU
E:ID_MODEL=QEMU_HARDDISK
E:ID_TYPE=disk
E:ID_BUS=scsi
E:ID_SERIAL=0QEMU_QEMU_HARDDISK_$3
E:ID_SERIAL_SHORT=$3
E:ID_SCSI_SERIAL=$2
V:1
END
}

# Sources of mounts below /proc are paths in the guest, and therefore have to be mounted there first.
boot() {
  # Without syncs, which wait for the host's disk: the host's cache survives a power cut of the machine.
  # shellcheck disable=SC2086 # One option per disk.
  systemd-nspawn --quiet --boot --register=no --keep-unit --machine="$(echo "$group" | tr / -)" \
    --directory="$directory/root" --network-namespace-path="$directory/net" \
    --capability=CAP_NET_ADMIN,CAP_SYSLOG \
    --resolv-conf=off --timezone=off --link-journal=no --suppress-sync=yes \
    --bind-ro="$tools:/opt/rehearsal/bin" --bind-ro="$directory/pci-devices:/opt/rehearsal/pci-devices" \
    --bind-ro="$directory/cpuinfo:/opt/rehearsal/cpuinfo" --bind-ro="$directory/meminfo:/opt/rehearsal/meminfo" \
    --bind-ro="$directory/udev:/run/udev/data" \
    --bind-ro="$directory/root-bytes:/opt/rehearsal/root-bytes" --bind-ro="$here/df.sh:/usr/local/bin/df" \
    --bind-ro=/opt/rehearsal/cpuinfo:/proc/cpuinfo --bind-ro=/opt/rehearsal/meminfo:/proc/meminfo \
    $disks </dev/null &
  supervisor=$!
  announce_init "$supervisor"
  wait "$supervisor"
}

# It also leaves cgroup v2 mounted. systemd-nspawn decides by that how it sets up the guest.
sh "$here/../../run/control-group.sh" add "$group" $$
hide_supervisor_files
mount_disk
attach_disks
rm -f "$directory/init"
while :; do
  sh "$here/cloud-init.sh" "$directory/root" "$directory/seed" "$volume"
  plug_in
  status=0
  boot || status=$?
  rm -f "$directory/init"
  [ "$status" -eq "$reboot_requested" ] || exit "$status"
done
