#!/bin/sh
# Removes the RKE2 double, its data and its configuration from this machine.
set -u
bin=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=$(dirname -- "$bin")
"$bin/rke2-killall.sh" || exit 1

systemctl disable rke2-server.service rke2-agent.service 2>/dev/null
rm -rf /etc/rancher/rke2 /etc/rancher/node /var/lib/rancher/rke2
rm -f "$prefix/lib/systemd/system/rke2-server.service" "$prefix/lib/systemd/system/rke2-agent.service"
rm -rf "$prefix/share/rke2"
rm -f "$bin/rke2" "$bin/rke2-killall.sh" "$bin/rke2-uninstall.sh"
systemctl daemon-reload
