#!/bin/sh
# cloud-init status --wait
#
# What can be asked of cloud-init inside a machine: it answers when all is done that cloud-init does at a boot.
set -eu

if [ "$*" != "status --wait" ]; then
  echo "usage: cloud-init status --wait" >&2
  exit 64
fi
until [ -e /run/cloud-init/result.json ]; do
  sleep 0.1
done
echo "status: done"
