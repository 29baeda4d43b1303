#!/bin/sh
# Puts a process into a control group, or ends everything in one.
#
#   unshare --mount control-group.sh add GROUP PID
#   unshare --mount control-group.sh kill GROUP
#
# GROUP is relative to the root of the second generation's hierarchy. On a host that still has the first generation, the
# second is mounted elsewhere or nowhere: it is mounted here, which is why the caller gives a mount namespace.
set -eu

verb=$1 group=/sys/fs/cgroup/$2
if [ "$(stat --file-system --format %T /sys/fs/cgroup)" != cgroup2fs ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi

# The kernel ends all of them at once, so that none can start another (Linux 5.14). It frees the group a moment later;
# and another caller may be at the same.
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
