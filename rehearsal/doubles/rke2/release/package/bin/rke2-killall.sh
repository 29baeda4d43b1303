#!/bin/sh
# Ends every process that the RKE2 double started on this machine. Data and configuration stay.
set -u
[ "$(id -u)" -eq 0 ] || { echo "rke2-killall.sh must run as root." >&2; exit 1; }

systemctl stop rke2-server.service rke2-agent.service 2>/dev/null

# The components end with their parent. Other processes are still in the control groups of the two units.
for unit in rke2-server rke2-agent; do
  procs=/sys/fs/cgroup/system.slice/$unit.service/cgroup.procs
  [ -r "$procs" ] || continue
  while read -r pid; do kill -KILL "$pid" 2>/dev/null; done <"$procs"
done

# Also the manifests of the static pods, as RKE2's own script does: no component may start before RKE2 does.
rm -f /var/lib/rancher/rke2/agent/pod-manifests/*.yaml
ip link delete flannel.1 2>/dev/null
exit 0
