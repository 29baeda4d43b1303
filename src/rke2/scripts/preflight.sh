#!/bin/bash
# Looks at a machine before anything is installed or changed on it, and says at once all that would keep RKE2 from working
# there. Changes nothing.
#
#   preflight.sh NODE ADDRESS INTERFACE VERSION URL DRIVER ACCEPTED REGISTRIES [PROXY EXCEPTIONS]
#
# INTERFACE  where the node's ADDRESS has to be
# URL        of the release
# DRIVER     `operator` where the GPU Operator brings the driver of a GPU, otherwise `none`
# ACCEPTED   names of checks whose findings are only said, separated by commas; `none` where there are none
# REGISTRIES `REGISTRY=URL|URL` for each registry of images, separated by commas: one of its URLs has to answer. A `!` before a
#            URL says that its authority comes later, so that its certificate is not verified here
# PROXY      where the release and images are fetched through, but for the hosts and networks of EXCEPTIONS, separated by commas
#
# A member works with what was found, so each finding is a line of the result there. One stops it: registries that do not answer
# when it gets a newer release: it may not have the images of that release, or of pods that move to it.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/first-boot.sh
. "$(dirname "$0")/first-boot.sh"
# shellcheck source=src/rke2/scripts/preflight-system.sh
. "$(dirname "$0")/preflight-system.sh"
# shellcheck source=src/rke2/scripts/preflight-machine.sh
. "$(dirname "$0")/preflight-machine.sh"
# shellcheck source=src/rke2/scripts/preflight-network.sh
. "$(dirname "$0")/preflight-network.sh"
# Not `begin`, which creates a directory and waits for another run.
step=preflight node=$1
address=$2 interface=$3 version=$4 url=$5 driver=$6 accepted=$7 registries=$8 proxy=${9:-} exceptions=${10:-}
findings=()

# found CHECK SENTENCE: what was found, what is supported, what to do.
found() {
  if [[ ,$accepted, == *,"$1",* ]]; then
    say "$1, as accepted: $2"
  else
    findings+=("$1: $2")
  fi
}

look() {
  local check
  for check in "$@"; do "check_$check"; done
}

# RKE2 of an older release starts from images that the node has had.
brings_newer_release() {
  local installed
  installed=$(cat "$STATE/installed" 2>/dev/null) || return 1
  [ "$installed" != "$version" ] &&
    [ "$(printf '%s\n' "$installed" "$version" | sort --version-sort | tail --lines 1)" = "$version" ]
}

require_images() {
  local finding images=present
  for finding in "${findings[@]}"; do
    if [[ $finding == registries:* ]]; then
      say "$finding"
      images=missing
    fi
  done
  if [ "$images" = missing ]; then
    fail "nothing was changed, because RKE2 $version, and pods that move here meanwhile, may need images that this node does not have; mend what was found, or name registries in cluster.preflight.accept where the images come another way"
  fi
}

conclude() {
  local finding
  ((${#findings[@]} > 0)) || return 0
  if is_member; then
    if brings_newer_release; then require_images; fi
    printf "nodes.$node runs, but would not be set up like this today: %s\n" "${findings[@]}"
    return
  fi
  for finding in "${findings[@]}"; do say "$finding"; done
  fail "nothing was installed or changed; mend what was found, or name in cluster.preflight.accept the checks whose findings do no harm here"
}

# cloud-init may still change a new machine, so the preflight looks after its first boot.
if ! is_member; then wait_for_first_boot; fi
if [ -n "$proxy" ]; then export https_proxy=$proxy http_proxy=$proxy no_proxy=$exceptions; fi
look operating_system architecture kernel cgroups commands apparmor firewall network_services
look disk swap hostname machine_id entropy
look interface clock conflicts download registries
conclude
