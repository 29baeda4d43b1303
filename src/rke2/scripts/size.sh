# shellcheck shell=bash
# Source it after lib.sh. Proxmox keeps a change of CPUs and memory pending until the machine is stopped and started. A
# system disk grows at once, but cloud-init grows the partition and the file system on it when the machine boots.
# https://cloudinit.readthedocs.io/en/latest/reference/modules.html#growpart
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

# report_pending_size CPUS GIB DISK: a sentence on standard output for each that the running machine does not have.
report_pending_size() {
  local cpus kib wanted=$(($2 << 20))
  cpus=$(grep --count '^processor' /proc/cpuinfo)
  if ((cpus != $1)); then report_pending cpus "$cpus" "$1"; fi
  kib=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
  # The kernel keeps about 1.6 % for its page tables (64 bytes a page of 4 KiB), and itself.
  if ((kib > wanted || kib < wanted * 98 / 100 - (256 << 10))); then
    report_pending memoryGiB "about $(((kib + (1 << 19)) >> 20))" "$2"
  fi
  report_pending_disk "$3"
}

# report_pending KEY FOUND WANTED
report_pending() {
  echo "nodes.$node.$1 is $3, but the running machine has $2: Proxmox changes it when the machine is stopped and started, for which a reboot from inside is not enough; drain the node, stop and start its machine in Proxmox, then uncordon it"
}

# report_pending_disk GIB: the boot partitions of a cloud image take about 1 GiB, and ext4 keeps below 2 % for its inodes
# and at most 1 GiB for its journal. What a disk has grown by within that is not noticed.
report_pending_disk() {
  local bytes
  bytes=$(df --output=size --block-size=1 / | tail --lines 1)
  if ((bytes < ($1 << 30) * 97 / 100 - (5 << 29))); then
    echo "nodes.$node.diskGiB is $1, but the running machine's file system has about $(((bytes + (1 << 29)) >> 30)): it grows when the machine boots; drain the node, reboot it, then uncordon it"
  fi
}
