# shellcheck shell=bash
# Source it after lib.sh. What preflight.sh looks at of the machine itself; `found` is preflight.sh's.
# shellcheck disable=SC2154 # `node` is preflight.sh's.

# GiB that a node needs before anything of its own is stored: release, images, and containerd's unpacked copy of them.
readonly NEEDED_GIB=5

# Where RKE2 keeps what it runs, or the nearest directory above that is there.
data_directory() {
  local directory=$RKE2_DATA
  until [ -d "$directory" ]; do directory=$(dirname "$directory"); done
  echo "$directory"
}

check_disk() {
  local directory options free
  directory=$(data_directory)
  options=$(findmnt --noheadings --first-only --output OPTIONS --target "$directory")
  if [[ ,$options, == *,ro,* ]] || [ ! -w "$directory" ]; then
    found disk "$RKE2_DATA cannot be written: $directory is read-only; mount its file system for writing, and look into the kernel's log for why it was not"
    return
  fi
  if [[ ,$options, == *,noexec,* ]]; then
    found disk "$directory is mounted noexec, and RKE2 runs its programs from $RKE2_DATA: mount it without noexec"
  fi
  free=$(($(df --output=avail --block-size=1M "$directory" | tail --lines 1) / 1024))
  if ((free < NEEDED_GIB)); then
    found disk "$directory has $free GiB free; RKE2 and its images need $NEEDED_GIB: make room, or set a larger nodes.$node.diskGiB and reboot, which grows the file system"
  fi
}

# prepare.sh switches off what is in /etc/fstab. The kubelet does not start beside any other.
check_swap() {
  local device
  while read -r device _; do
    if [ "$device" = Filename ]; then continue; fi
    if ! awk -v device="$device" '$1 !~ /^#/ && $3 == "swap" && $1 == device { hit = 1 } END { exit !hit }' /etc/fstab; then
      found swap "$device is used as swap and is not in /etc/fstab, so the program cannot switch it off; the kubelet does not start with swap, which could write secrets to a disk: remove the unit or the package that adds it (\`systemctl list-units --type swap\`)"
    fi
  done </proc/swaps
}

check_hostname() {
  local name
  name=$(uname --nodename)
  if [ "${name%%.*}" != "$node" ]; then
    found hostname "this machine calls itself $name and is to be $node: either another machine has its address, or the name was changed by hand (\`hostnamectl set-hostname $node\`)"
  fi
}

# A machine writes one of its own at its first boot, as it makes its host keys, unless the image brings one. systemd derives
# MAC addresses from it, and those of flannel would be the same on all nodes: flannel-io/flannel#1155
check_machine_id() {
  local id key
  id=$(stat --format %Y /etc/machine-id) key=$(stat --format %Y /etc/ssh/ssh_host_ed25519_key 2>/dev/null || echo 0)
  if ((key - id > 3600)); then
    found machine-id "/etc/machine-id is older than the first boot: it comes from the image, and every machine of this image has the same; empty the file in the image, create another one here with \`rm /etc/machine-id; systemd-machine-id-setup\`, and reboot"
  fi
}

check_entropy() {
  local bits
  bits=$(cat /proc/sys/kernel/random/entropy_avail)
  if ((bits < 100)); then
    found entropy "the kernel has $bits bits of entropy and keys may take minutes to be made; 100 are enough: add a VirtIO RNG to the machine in Proxmox, or wait and try again"
  fi
}
