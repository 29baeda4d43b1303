#!/bin/sh
# Inside a machine that answers SSH already: the last that cloud-init does at a boot. Where the machine was told to upgrade
# its packages, that takes half a minute in which nobody else can use apt.
set -eu

wanted=/var/lib/cloud/instance/package-upgrade

# Record locks, which flock(1) cannot take. The packed words are a `struct flock` of a 64-bit machine.
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
