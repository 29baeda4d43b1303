#!/bin/sh
# df of the machines, whose root file system is a directory of the host's. Of that one it says the size that the machine's
# disk gave it at the start; everything else is asked of the real df.
set -eu
if [ "$*" = "--output=size --block-size=1 /" ]; then
  echo "1B-blocks"
  exec cat /opt/rehearsal/root-bytes
fi
exec /usr/bin/df "$@"
