# shellcheck shell=bash
# Packages of the distribution, on a node where another apt may be at work, such as the daily one of the system. Source it
# after lib.sh.

apt_status=0

# run_apt WORD...: false when apt failed, whose words go to standard error either way.
run_apt() {
  wait_for 300 "another apt on this node to end" apt_had_its_turn "$@"
  return "$apt_status"
}

# DPkg::Lock::Timeout would make apt itself wait, but for dpkg's locks alone: not for those of lists and downloads.
apt_had_its_turn() {
  local words
  apt_status=0
  words=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq "$@" 2>&1 </dev/null) || apt_status=$?
  if ((apt_status != 0)) && grep -q '^E: Could not get lock ' <<<"$words"; then return 1; fi
  if [ -n "$words" ]; then printf '%s\n' "$words" >&2; fi
}
