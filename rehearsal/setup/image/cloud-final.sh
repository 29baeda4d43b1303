#!/bin/sh
# The last step of cloud-init at a boot, in a machine that answers SSH already. On a machine that has to upgrade its packages,
# this step holds the locks of apt for half a minute.
set -eu

wanted=/var/lib/cloud/instance/package-upgrade

# apt uses record locks, which flock(1) cannot take. The packed values are a `struct flock` of a 64-bit machine.
hold_locks_of_apt() {
  perl -MFcntl -e '
    my $whole_file = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
    for (@ARGV) {
      open(my $file, ">>", $_) or die "$_: $!";
      fcntl($file, F_SETLKW, $whole_file) or die "$_: $!";
      push @held, $file;
    }
    sleep 30' /var/lib/apt/lists/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock
}

if [ -e "$wanted" ]; then
  hold_locks_of_apt
  rm "$wanted"
fi
mkdir -p /run/cloud-init
: >/run/cloud-init/result.json
