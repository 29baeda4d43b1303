#!/bin/sh
# cloud-init status --wait
#
# Imitates the one command of cloud-init that the program runs on a machine. It answers when cloud-init has done its last
# step of this boot.
set -eu

if [ "$*" != "status --wait" ]; then
  echo "usage: cloud-init status --wait" >&2
  exit 64
fi
until [ -e /run/cloud-init/result.json ]; do
  sleep 0.1
done
echo "status: done"
