#!/bin/bash
# Runs where Pulumi runs. Waits for a machine to boot and prints its SSH host key.
#
#   host-key.sh NODE ADDRESS SECONDS [EXPECTED_KEY]
#
# ADDRESS has its port when it is not 22. Without an expected key the machine is taken at its word, and its ed25519 key is what the program remembers.
set -euo pipefail
node=$1 address=$2 host=${2%:*} port=22 seconds=$3 expected=${4:-}
if [[ $address == *:* ]]; then port=${address##*:}; fi

fail() {
  echo "$node: host-key: $*" >&2
  exit 1
}

algorithm=ed25519
case $expected in ecdsa-*) algorithm=ecdsa ;; esac

end=$((SECONDS + seconds))
until key=$(ssh-keyscan -T 5 -p "$port" -t "$algorithm" "$host" 2>/dev/null | cut -d' ' -f2-) && [ -n "$key" ]; do
  ((SECONDS < end)) || fail "no SSH server with an $algorithm key answered at $address within $seconds s"
  sleep 1
done
if [ -n "$expected" ] && [ "$key" != "$expected" ]; then
  fail "$address presents another host key than ssh.hostKeys.$node; nothing was sent to it"
fi
echo "$key"
