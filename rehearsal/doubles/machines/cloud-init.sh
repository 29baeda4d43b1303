#!/bin/sh
# Does to a machine's disk what cloud-init does with Proxmox's native configuration drive.
#
#   cloud-init.sh ROOT SEED VOLUME
#
# ROOT    the mounted disk
# SEED    directory of plain files: instance-id, hostname, search-domain, user, authorized_keys, nameservers,
#         package-upgrade, networks/*.network
# VOLUME  directory with the id of the instance that the disk booted last
#
# Host name and network are applied at every boot; user, keys, host keys and the upgrade of all packages only at the first
# boot of an instance: https://docs.cloud-init.io/en/latest/explanation/boot.html#first-boot-determination
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
  rm -f "$root"/etc/systemd/network/10-netplan-*.network
  cp "$seed"/networks/*.network "$root/etc/systemd/network/"
}

new_instance() {
  make_host_keys
  user=$(cat "$seed/user")
  if [ -n "$user" ]; then
    # Without an account the machine still boots and has host keys, but no login is possible.
    if is_account "$user" || make_account "$user"; then
      give_access "$user"
    else
      echo "cloud-init: failed to create user $user" >&2
    fi
  fi
  if [ -s "$seed/package-upgrade" ]; then
    install -D -m 0644 "$seed/package-upgrade" "$root/var/lib/cloud/instance/package-upgrade"
  fi
  cp "$seed/instance-id" "$volume/instance-id"
}

# https://docs.cloud-init.io/en/latest/reference/modules.html#ssh
# cloud-init deletes existing host keys, because they may belong to another machine.
make_host_keys() {
  if ! grep -qsx 'ssh_deletekeys: false' "$root"/etc/cloud/cloud.cfg.d/*.cfg; then
    rm -f "$root"/etc/ssh/ssh_host_*
  fi
  if [ ! -e "$root/etc/ssh/ssh_host_ed25519_key" ]; then
    ssh-keygen -q -t ed25519 -N '' -C "root@$(cat "$seed/hostname")" -f "$root/etc/ssh/ssh_host_ed25519_key"
  fi
}

# The account exists when the image has it, or after an interrupted first boot.
is_account() {
  chroot "$root" id "$1" >/dev/null 2>&1
}

# With a group of its own, as in cloud-init: useradd fails when the group exists.
make_account() {
  chroot "$root" useradd --create-home --shell /bin/bash --groups adm,sudo "$1"
}

give_access() {
  if [ "$1" != root ]; then
    rm -f "$root/etc/sudoers.d/90-cloud-init-users"
    (umask 0227 && echo "$1 ALL=(ALL) NOPASSWD:ALL" >"$root/etc/sudoers.d/90-cloud-init-users")
  fi
  home=$(chroot "$root" getent passwd "$1" | cut -d: -f6)
  install -d -m 0700 "$root$home/.ssh"
  install -m 0600 "$seed/authorized_keys" "$root$home/.ssh/authorized_keys"
  chroot "$root" chown -R "$1:" "$home/.ssh"
}

every_boot
if ! cmp -s "$seed/instance-id" "$volume/instance-id"; then
  new_instance
fi
