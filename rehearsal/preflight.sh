#!/bin/sh
# The rehearsal boots machines in network namespaces, which only root on Linux may do.
set -eu
if [ "$(uname -s)" != Linux ]; then
  echo "The rehearsal needs Linux: it boots its machines with systemd-nspawn. This is $(uname -s)." >&2
  exit 2
fi
if [ "$(id -u)" != 0 ]; then
  echo "The rehearsal needs root: it makes network namespaces and boots machines. Run it again with sudo." >&2
  exit 2
fi
