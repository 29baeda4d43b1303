# shellcheck shell=bash
# Source it after lib.sh. Proxmox keeps a change of CPUs and memory pending until the machine is stopped and started.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

# report_pending_size CPUS GIB: a sentence on standard output for each that the running machine does not have.
report_pending_size() {
  local cpus kib wanted=$(($2 << 20))
  cpus=$(grep --count '^processor' /proc/cpuinfo)
  if ((cpus != $1)); then report_pending cpus "$cpus" "$1"; fi
  kib=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
  # The kernel keeps about 1.6 % for its page tables (64 bytes a page of 4 KiB), and itself.
  if ((kib > wanted || kib < wanted * 98 / 100 - (256 << 10))); then
    report_pending memoryGiB "about $(((kib + (1 << 19)) >> 20))" "$2"
  fi
}

# report_pending KEY FOUND WANTED
report_pending() {
  echo "nodes.$node.$1 is $3, but the running machine has $2: Proxmox changes it when the machine is stopped and started, for which a reboot from inside is not enough; drain the node, stop and start its machine in Proxmox, then uncordon it"
}
