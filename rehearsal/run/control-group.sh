#!/bin/sh
# Puts a process into a control group, or ends everything in one.
#
#   unshare --mount control-group.sh add GROUP PID
#   unshare --mount control-group.sh kill GROUP
#
# GROUP is relative to the root of the cgroup v2 hierarchy. A host with cgroup v1 has v2 mounted elsewhere or not at all.
# This script mounts it then, and therefore needs a mount namespace of its own.
set -eu

verb=$1 group=/sys/fs/cgroup/$2
if [ "$(stat --file-system --format %T /sys/fs/cgroup)" != cgroup2fs ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi

# The kernel kills all processes at once, so that none can start another one (cgroup.kill, Linux 5.14). It releases the
# group a moment later, and another caller may remove the same group at the same time.
kill_all() {
  while [ -d "$group" ]; do
    { echo 1 >"$group/cgroup.kill"; } 2>/dev/null || true
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.02
  done
}

case $verb in
add)
  mkdir -p "$group"
  echo "$3" >"$group/cgroup.procs"
  ;;
kill) kill_all ;;
esac
