#!/bin/sh
# Does to a machine's disk what cloud-init does with Proxmox's native configuration drive.
#
#   cloud-init.sh ROOT SEED VOLUME
#
# ROOT    the mounted disk
# SEED    directory of plain files: hostname, search-domain, user, authorized_keys, nameservers, networks/*.network
# VOLUME  remembers whether the disk has been through its first boot
#
# Host name and network are applied at every boot; user, keys and host keys only at the first.
set -eu

root=$1 seed=$2 volume=$3

every_boot() {
  hostname=$(cat "$seed/hostname")
  domain=$(cat "$seed/search-domain")
  echo "$hostname" >"$root/etc/hostname"
  # Proxmox asks for `manage_etc_hosts`, so that the machine resolves its own name without a DNS server.
  {
    echo "127.0.1.1 ${domain:+$hostname.$domain }$hostname"
    echo "127.0.0.1 localhost"
    echo "::1 localhost ip6-localhost ip6-loopback"
  } >"$root/etc/hosts"
  {
    if [ -n "$domain" ]; then
      echo "search $domain"
    fi
    sed 's/^/nameserver /' "$seed/nameservers"
  } >"$root/etc/resolv.conf"
  rm -f "$root"/etc/systemd/network/10-cloud-init-*.network
  cp "$seed"/networks/*.network "$root/etc/systemd/network/"
}

first_boot() {
  rm -f "$root"/etc/ssh/ssh_host_*
  ssh-keygen -q -t ed25519 -N '' -C "root@$(cat "$seed/hostname")" -f "$root/etc/ssh/ssh_host_ed25519_key"
  user=$(cat "$seed/user")
  if [ -n "$user" ]; then
    add_user "$user"
  fi
  : >"$volume/booted"
}

add_user() {
  if [ "$1" != root ]; then
    # A first boot that was cut short is done again.
    chroot "$root" id "$1" >/dev/null 2>&1 ||
      chroot "$root" useradd --create-home --shell /bin/bash --groups adm,sudo "$1"
    rm -f "$root/etc/sudoers.d/90-cloud-init-users"
    (umask 0227 && echo "$1 ALL=(ALL) NOPASSWD:ALL" >"$root/etc/sudoers.d/90-cloud-init-users")
  fi
  home=$(chroot "$root" getent passwd "$1" | cut -d: -f6)
  install -d -m 0700 "$root$home/.ssh"
  install -m 0600 "$seed/authorized_keys" "$root$home/.ssh/authorized_keys"
  chroot "$root" chown -R "$1:" "$home/.ssh"
}

every_boot
if [ ! -e "$volume/booted" ]; then
  first_boot
fi
