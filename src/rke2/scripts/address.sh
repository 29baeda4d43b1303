#!/bin/bash
# Prepares a machine for cluster.api.mode before anything depends on it.
#
#   address.sh NODE keepalived [PROXY EXCEPTIONS]
#   address.sh NODE dns HOSTNAME CONTROL_PLANE_ADDRESS...
#
# PROXY  where packages are fetched through, but for the hosts and networks of EXCEPTIONS, separated by commas
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/apt.sh
. "$(dirname "$0")/apt.sh"
begin address "$1"
mode=$2
shift 2

is_installed() {
  command -v keepalived >/dev/null
}

# Not started by its package: it has nothing to do before its configuration is there.
install_keepalived() {
  local without="keepalived is not installed on this node and"
  if is_installed; then return; fi
  command -v apt-get >/dev/null || fail "$without there is no apt-get to install it with; bring it with the machine's image"
  if [ -n "${1:-}" ]; then export http_proxy=$1 https_proxy=$1 no_proxy=${2:-}; fi
  say "installing keepalived"
  if ! run_apt update || ! run_apt install --yes --no-install-recommends keepalived || ! is_installed; then
    fail "$without apt cannot install it; let the node reach the distribution's archive, or bring it with the machine's image"
  fi
}

# A control plane without a record could not be found while it is the only one that runs.
resolve_to_control_planes() {
  local hostname=$1 found address
  shift
  found=$(getent ahostsv4 "$hostname" | awk '$2 == "STREAM" { print $1 }' | sort -V | paste -sd ' ' || true)
  for address in "$@"; do
    if ! grep -qwF "$address" <<<"$found"; then
      fail "$hostname resolves to ${found:-nothing} on this node, but cluster.api.mode dns needs an A record for each control plane: $*"
    fi
  done
}

case $mode in
  keepalived) install_keepalived "$@" ;;
  dns) resolve_to_control_planes "$@" ;;
esac
