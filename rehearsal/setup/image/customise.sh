#!/bin/sh
# Turns a freshly bootstrapped Debian into the image that every machine of the rehearsal starts from.
#
#   customise.sh ROOT KERNEL_RELEASE
set -eu

root=$1 kernel=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

give_kernel_settings() {
  install -d "$root/usr/local/lib/rehearsal"
  install -m 0644 "$here/kernel-settings" "$here/kernel-settings.sh" "$root/usr/local/lib/rehearsal/"
  install -m 0644 "$here/kernel-settings.service" "$root/etc/systemd/system/rehearsal-kernel-settings.service"
}

grow_file_systems() {
  install -m 0755 "$here/resize2fs.sh" "$root/usr/local/sbin/resize2fs"
}

# As Ubuntu's cloud images have them (livecd-rootfs, 025-create-groups.chroot).
make_groups() {
  for group in admin netdev lxd; do
    chroot "$root" groupadd --force --system "$group"
  done
}

# The lab's image, whose packages differ from Debian's in nothing that the program asks for.
look_like_ubuntu() {
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

# Modules are the host's business; inside a machine `modprobe` of what Kubernetes asks for has to succeed.
pretend_builtin_modules() {
  mkdir -p "$root/lib/modules/$kernel"
  : >"$root/lib/modules/$kernel/modules.order"
  for module in br_netfilter overlay ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack vxlan; do
    echo "kernel/rehearsal/$module.ko"
  done >"$root/lib/modules/$kernel/modules.builtin"
  : >"$root/lib/modules/$kernel/modules.builtin.modinfo"
  chroot "$root" depmod "$kernel"
}

# A container has the host's clock and may not set it; the service can still show whom it would ask.
let_time_service_run() {
  install -D -m 0644 "$here/timesyncd.conf" "$root/etc/systemd/system/systemd-timesyncd.service.d/rehearsal.conf"
}

# No display, no package mirror: whatever would wait for one of them only costs boot time.
choose_units() {
  chroot "$root" systemctl --quiet enable systemd-networkd.service rehearsal-kernel-settings.service \
    rehearsal-data-disks.service cloud-final.service
  # The program enables it where it is needed; its package does it everywhere, and the boot would wait for the network.
  chroot "$root" systemctl --quiet disable keepalived.service
  # It would also make RSA and ECDSA keys, a second of both processors for every machine.
  chroot "$root" systemctl --quiet mask sshd-keygen.service
  chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-pstore.service console-getty.service getty@tty1.service
}

forget_the_builder() {
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf"
  rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap
  # Empty, not absent: each machine writes an id of its own at its first boot.
  : >"$root/etc/machine-id"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*
}

give_kernel_settings
grow_file_systems
make_groups
look_like_ubuntu
imitate_apparmor
imitate_cloud_init
mount_data_disks
pretend_builtin_modules
let_time_service_run
choose_units
forget_the_builder
