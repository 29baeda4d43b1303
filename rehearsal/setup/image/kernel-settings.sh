#!/bin/sh
# Inside a machine, before systemd applies sysctl.d: sysctls that belong to no namespace are the host's, and read-only
# here. Each is covered by a file of the machine's own, so that hardening can be written and read back, is lost at a
# reboot as it should be, and never reaches the host. Those of the network are the machine's own already, and only have
# to be made writable.
set -eu

mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net

# The host's swap is not the machine's.
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' >/run/swaps
mount --bind /run/swaps /proc/swaps

own=/run/rehearsal/sysctl
mkdir -p "$own"
while read -r setting value; do
  [ -e "/proc/sys/$setting" ] || continue
  file=$own/$(echo "$setting" | tr / .)
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$setting"
done </usr/local/lib/rehearsal/kernel-settings
