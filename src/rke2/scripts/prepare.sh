#!/bin/bash
# Makes a machine fit for RKE2 and brings the release onto it, without starting or replacing anything.
#
#   prepare.sh NODE server|agent VERSION URL SHA256 <host files as a bundle
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
begin prepare "$1"
role=$2 version=$3 url=$4 sha256=$5

set_up_kernel() {
  modprobe -a br_netfilter overlay || fail "the kernel modules br_netfilter and overlay cannot be loaded"
  sysctl --quiet --load /etc/sysctl.d/90-rke2-cis.conf /etc/sysctl.d/90-rke2-kubernetes.conf ||
    fail "the kernel refuses a setting of /etc/sysctl.d/90-rke2-*.conf"
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

receive_bundle
write_files
set_up_kernel
switch_swap_off
if [ "$role" = server ]; then
  add_etcd_user
  protect_server_directory
fi
download_release
