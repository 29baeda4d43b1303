#!/bin/sh
# resize2fs of the machines. The kernel grows a mounted file system only for a process with CAP_SYS_RESOURCE. Some hosts
# withhold this capability even from root. On such a host the script unmounts the file system, grows it and mounts it again.
#
#   resize2fs DEVICE
set -eu
device=$1
real=/sbin/resize2fs

cap_sys_resource=24
capabilities=0x$(sed -n 's/^CapEff:\s*//p' /proc/self/status)
directory=$(findmnt --noheadings --first-only --output TARGET --source "$(readlink -f "$device")" || true)
if [ -z "$directory" ] || [ $((capabilities >> cap_sys_resource & 1)) -eq 1 ]; then
  exec "$real" "$device"
fi
umount "$directory"
e2fsck -f -p "$device"
"$real" "$device"
mount "$directory"
