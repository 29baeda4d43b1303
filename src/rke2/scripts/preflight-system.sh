# shellcheck shell=bash
# Source it after lib.sh. What preflight.sh looks at of the operating system; `found` is preflight.sh's.
# shellcheck disable=SC2154 # `driver` is preflight.sh's.

# The list is in docs/operating-system.md, too.
check_operating_system() {
  local system
  # shellcheck disable=SC1091 # The machine's own.
  system=$(. /etc/os-release && echo "$ID ${VERSION_ID:-} (${PRETTY_NAME:-})")
  case $system in
    "ubuntu 22.04 "* | "ubuntu 24.04 "* | "debian 12 "* | "debian 13 "*) ;;
    *) found operating-system "the system is $system; supported are Ubuntu 22.04 and 24.04 and Debian 12 and 13: take a cloud image of one of them for proxmox.image" ;;
  esac
  # https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/platform-support.html
  if [ "$driver" = operator ] && [[ $system != ubuntu* ]]; then
    found gpu-driver "the system is $system and the node has a GPU; of the supported systems, NVIDIA publishes its driver container for Ubuntu only: take an image of Ubuntu for proxmox.image"
  fi
}

# RKE2's release and the images are built for one architecture.
check_architecture() {
  local machine
  machine=$(uname --machine)
  if [ "$machine" != x86_64 ]; then
    found architecture "the processor is $machine; supported is x86_64: take an image for amd64 for proxmox.image"
  fi
}

# https://kubernetes.io/docs/concepts/architecture/cgroups/#requirements
check_kernel() {
  local release module missing=()
  release=$(uname --kernel-release)
  if [ "$(printf '%s\n' 5.8 "$release" | sort --version-sort | head --lines 1)" != 5.8 ]; then
    found kernel "the kernel is $release; supported is 5.8 or newer: take a newer image for proxmox.image, or reboot into the newer kernel that it brings"
  fi
  for module in br_netfilter nf_conntrack overlay vxlan; do
    modprobe --dry-run --quiet "$module" || missing+=("$module")
  done
  if ((${#missing[@]} > 0)); then
    found kernel "the kernel $release has no module ${missing[*]}, without which pods have no network or no files: install the package of its further modules, linux-modules-extra-$release on Ubuntu"
  fi
}

# https://docs.rke2.io/known_issues (Control Groups V2)
check_cgroups() {
  local kind
  kind=$(stat --file-system --format %T /sys/fs/cgroup)
  if [ "$kind" != cgroup2fs ]; then
    found cgroups "control groups are of the first generation ($kind at /sys/fs/cgroup); supported is the second: remove systemd.unified_cgroup_hierarchy from the kernel's command line"
  fi
}

# iptables: https://docs.rke2.io/known_issues (Canal and IP exhaustion)
check_commands() {
  local word missing=()
  for word in iptables curl tar awk modprobe sysctl useradd flock findmnt ss; do
    command -v "$word" >/dev/null || missing+=("$word")
  done
  if ((${#missing[@]} > 0)); then
    found commands "the system has no ${missing[*]}; RKE2's network plugins need iptables, and these scripts the others: bring their packages with the machine's image"
  fi
}

# containerd loads a profile for every container where the kernel has AppArmor: k3s-io/k3s#7365
check_apparmor() {
  if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] && ! command -v apparmor_parser >/dev/null; then
    found apparmor "the kernel has AppArmor and the system no apparmor_parser, without which no container starts: bring the package apparmor with the machine's image"
  fi
  if [ "$(cat /sys/fs/selinux/enforce 2>/dev/null)" = 1 ]; then
    found apparmor "SELinux is enforcing; a release that is unpacked from its tarball brings no policy for it: switch SELinux to permissive, or take an image with AppArmor for proxmox.image"
  fi
}

# https://docs.rke2.io/known_issues (Firewalld); projectcalico/calico#7727 for ufw.
check_firewall() {
  local service
  for service in firewalld nftables; do
    if systemctl is-active --quiet "$service.service"; then
      found firewall "$service.service is active and would drop the packets of pods, or their rules; network policies and proxmox.firewall filter here: run \`systemctl disable --now $service.service\`"
    fi
  done
  if grep --quiet --no-messages '^ENABLED=yes' /etc/ufw/ufw.conf; then
    found firewall "ufw is enabled and would drop the packets of pods; network policies and proxmox.firewall filter here: run \`ufw disable\`"
  fi
}

# They add routes of their own, which no configuration keeps off: https://docs.rke2.io/known_issues (NetworkManager)
check_network_services() {
  local unit
  for unit in nm-cloud-setup.service nm-cloud-setup.timer; do
    if systemctl is-enabled --quiet "$unit" 2>/dev/null; then
      found network-services "$unit is enabled and adds routes that take packets away from pods: run \`systemctl disable --now $unit\`"
    fi
  done
}
