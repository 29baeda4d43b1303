#!/bin/sh
# Turns a freshly bootstrapped Debian into the image that every machine of the rehearsal starts from.
#
#   customise.sh ROOT KERNEL_RELEASE
set -eu

root=$1 kernel=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

install_kernel_settings() {
  install -d "$root/usr/local/lib/rehearsal"
  install -m 0644 "$here/kernel-settings" "$here/kernel-settings.sh" "$root/usr/local/lib/rehearsal/"
  install -m 0644 "$here/kernel-settings.service" "$root/etc/systemd/system/rehearsal-kernel-settings.service"
}

install_resize2fs() {
  install -m 0755 "$here/resize2fs.sh" "$root/usr/local/sbin/resize2fs"
}

# Ubuntu's cloud images have these groups (livecd-rootfs, 025-create-groups.chroot).
create_groups() {
  for group in admin netdev lxd; do
    chroot "$root" groupadd --force --system "$group"
  done
}

# The lab's image is Ubuntu. The program asks for no package in which Ubuntu and Debian differ.
imitate_ubuntu() {
  rm "$root/etc/os-release"
  cat >"$root/etc/os-release" <<END
PRETTY_NAME="Ubuntu 24.04.3 LTS (imitated)"
NAME="Ubuntu"
VERSION_ID="24.04"
ID=ubuntu
ID_LIKE=debian
END
}

# A container loads no profiles, but the host's kernel may have AppArmor.
imitate_apparmor() {
  printf '#!/bin/sh\n' >"$root/usr/sbin/apparmor_parser"
  chmod 0755 "$root/usr/sbin/apparmor_parser"
}

imitate_cloud_init() {
  install -m 0755 "$here/cloud-init-status.sh" "$root/usr/bin/cloud-init"
  install -m 0644 "$here/cloud-final.sh" "$root/usr/local/lib/rehearsal/"
  install -m 0644 "$here/cloud-final.service" "$root/etc/systemd/system/cloud-final.service"
}

mount_data_disks() {
  install -m 0644 "$here/data-disks.service" "$root/etc/systemd/system/rehearsal-data-disks.service"
}

# A machine uses the kernel modules of the host. `modprobe` still has to succeed for the modules that Kubernetes needs.
imitate_builtin_modules() {
  mkdir -p "$root/lib/modules/$kernel"
  : >"$root/lib/modules/$kernel/modules.order"
  for module in br_netfilter overlay ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack vxlan; do
    echo "kernel/rehearsal/$module.ko"
  done >"$root/lib/modules/$kernel/modules.builtin"
  : >"$root/lib/modules/$kernel/modules.builtin.modinfo"
  chroot "$root" depmod "$kernel"
}

# A container has the host's clock and may not set it. The service runs, so that it can show its time servers.
allow_time_service() {
  install -D -m 0644 "$here/timesyncd.conf" "$root/etc/systemd/system/systemd-timesyncd.service.d/rehearsal.conf"
}

# A machine has no display and no package mirror. A unit that waits for one of them only delays the boot.
choose_units() {
  chroot "$root" systemctl --quiet enable systemd-networkd.service rehearsal-kernel-settings.service \
    rehearsal-data-disks.service cloud-final.service
  # The package enables keepalived on every machine, and the boot would wait for the network. The program enables it on the
  # nodes that need it.
  chroot "$root" systemctl --quiet disable keepalived.service
  # This unit also generates RSA and ECDSA keys, which takes both processors a second for every machine.
  chroot "$root" systemctl --quiet mask sshd-keygen.service
  chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-pstore.service console-getty.service getty@tty1.service
}

remove_build_traces() {
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf"
  rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap
  # The file is empty, not absent: each machine writes its own id at its first boot.
  : >"$root/etc/machine-id"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*
}

install_kernel_settings
install_resize2fs
create_groups
imitate_ubuntu
imitate_apparmor
imitate_cloud_init
mount_data_disks
imitate_builtin_modules
allow_time_service
choose_units
remove_build_traces
