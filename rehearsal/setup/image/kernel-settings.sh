#!/bin/sh
# Runs in a machine before systemd applies sysctl.d. A sysctl that belongs to no namespace is the host's, and a machine
# cannot write it. This script mounts a file of the machine over each of them. The program can then write a setting and
# read it back, a reboot loses it as on real hardware, and it never reaches the host. The sysctls of the network belong to
# the machine's own namespace: they only have to become writable.
set -eu

mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net

# A machine shows no swap, also on a host that has some.
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
