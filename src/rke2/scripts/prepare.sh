#!/bin/bash
# Makes a machine fit for RKE2 and brings the release onto it, without starting or replacing anything.
#
#   prepare.sh NODE server|agent VERSION URL SHA256 VOLUMES GIB [PROXY EXCEPTIONS [SNAPSHOT]] <host files as a bundle
#
# VOLUMES    local volumes that the data disk of GIB has to hold; 0 and 0 where there is no such disk
# PROXY      where the release is fetched through, but for the hosts and networks of EXCEPTIONS, separated by commas; both are empty without one
# SNAPSHOT   of etcd that this run restores, on servers: without it there is no way back to an older minor
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/network-services.sh
. "$(dirname "$0")/network-services.sh"
# shellcheck source=src/rke2/scripts/data-disk.sh
. "$(dirname "$0")/data-disk.sh"
# shellcheck source=src/rke2/scripts/unsupported.sh
. "$(dirname "$0")/unsupported.sh"
begin prepare "$1"
role=$2 version=$3 url=$4 sha256=$5 volumes=$6 gib=$7 proxy=${8:-} exceptions=${9:-} snapshot=${10:-}

set_up_kernel() {
  xargs modprobe -a </etc/modules-load.d/rke2.conf ||
    fail "a kernel module of /etc/modules-load.d/rke2.conf cannot be loaded"
  sysctl --quiet --load /etc/sysctl.d/99-zz-rke2-*.conf || fail "the kernel refuses a setting of /etc/sysctl.d/99-zz-rke2-*.conf"
}

follow_time_servers() {
  if systemctl is-active --quiet chrony.service; then chronyc reload sources >/dev/null; fi
  if systemctl is-active --quiet systemd-timesyncd.service; then systemctl restart systemd-timesyncd.service; fi
}

# Of the overlay's device that is there; what flannel makes later gets it from udev, which reads the .link file.
set_overlay_offload() {
  local offload=off
  if ! ip link show flannel.1 >/dev/null 2>&1; then return; fi
  if grep -q '^TransmitChecksumOffload=yes' /etc/systemd/network/10-rke2-lab-overlay.link; then offload=on; fi
  if command -v ethtool >/dev/null; then
    ethtool --features flannel.1 tx-checksum-ip-generic "$offload" >/dev/null ||
      fail "flannel.1 does not take the checksum offload of cluster.canal.checksumOffload"
  else
    say "without ethtool flannel.1 keeps its checksum offload until the next boot"
  fi
}

# The CIS profile runs etcd as a user of its own and exits when there is none.
add_etcd_user() {
  getent passwd etcd >/dev/null || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin etcd
}

# Secrets must not reach a disk. Only the machine's own entries: /proc/swaps lists the host's where it is a container.
switch_swap_off() {
  local device
  awk '$1 !~ /^#/ && $3 == "swap" { print $1 }' /etc/fstab | while read -r device; do
    swapoff "$device" 2>/dev/null || say "$device was not in use as swap"
  done
  sed -i -E '/^[^#]\S*\s+\S+\s+swap\s/ s/^/# /' /etc/fstab
}

# RKE2 would create it with this mode; the manifests are there before RKE2 is.
protect_server_directory() {
  install -d -m 0755 /var/lib/rancher "$RKE2_DATA"
  install -d -m 0700 "$RKE2_DATA/server"
}

is_intact() {
  echo "$sha256  $1" | sha256sum --check --status 2>/dev/null
}

download_release() {
  local tarball partial
  tarball=$(release_tarball "$version") partial=$tarball.partial
  if [ -f "$tarball" ] && is_intact "$tarball"; then return; fi
  install -d -m 0700 "$(dirname "$tarball")"
  say "downloading RKE2 $version"
  if [ -n "$proxy" ]; then export https_proxy=$proxy http_proxy=$proxy no_proxy=$exceptions; fi
  curl --silent --show-error --fail --location --retry 5 --retry-all-errors --connect-timeout 10 \
    --speed-limit 1024 --speed-time 60 --output "$partial" "$url" ||
    fail "$url cannot be downloaded"
  if ! is_intact "$partial"; then
    local found
    found=$(sha256sum "$partial" | cut -d' ' -f1)
    rm -f "$partial"
    fail "the checksum of $url is $found, but cluster.artifacts.sha256 is $sha256; nothing was installed"
  fi
  mv "$partial" "$tarball"
}

# A worker is told nothing of a restore, so that one that does not answer holds up no restore. Servers refuse an older minor
# here, and converge.sh refuses it on every node that a restore did not take back.
refuse_unsupported_version() {
  if [ "$role" = server ]; then
    refuse_version_jump "$version" "$snapshot"
  else
    refuse_version_jump "$version" "decided on the servers"
  fi
}

receive_bundle
refuse_unsupported_version
write_files
tell_network_manager
set_up_kernel
set_overlay_offload
follow_time_servers
switch_swap_off
if [ "$role" = server ]; then
  add_etcd_user
  protect_server_directory
fi
if [ "$volumes" -gt 0 ]; then
  prepare_data_disk "$volumes" "$gib"
fi
download_release
