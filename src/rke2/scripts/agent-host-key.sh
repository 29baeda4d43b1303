#!/bin/bash
# Runs where Pulumi runs. Waits for a machine to boot and prints the SSH host key that Proxmox read from its disk, through
# the guest agent, once the machine answers with that key.
#
#   agent-host-key.sh NODE ADDRESS SECONDS URL
#
# ADDRESS has its port when it is not 22. URL is the agent's file-read call for the machine's public key. The script comes on standard input and the API token is
# the line after it: neither a process list nor a log shows it.
set -euo pipefail
node=$1 address=$2 host=${2%:*} port=22 seconds=$3 url=$4
if [[ $address == *:* ]]; then port=${address##*:}; fi
# The authorities by which the provider trusts Proxmox; curl has a name of its own for them.
if [ -n "${SSL_CERT_FILE:-}" ]; then export CURL_CA_BUNDLE=$SSL_CERT_FILE; fi

fail() {
  echo "$node: host-key: $*" >&2
  exit 1
}

# Asks the guest agent and sets `key`, or else `problem`. The script does not wait after a refusal, which is final.
ask_agent() {
  local answer status=0
  key='' problem=''
  answer=$(printf 'Authorization: PVEAPIToken=%s\n' "$token" |
    curl --silent --show-error --include --suppress-connect-headers --max-time 20 --header @- "$url" 2>&1) || status=$?
  if [ "$status" -eq 60 ] || [ "$status" -eq 77 ]; then
    fail "the certificate of Proxmox is not trusted here: ${answer%%$'\n'*}"
  elif [ "$status" -ne 0 ]; then
    problem=$answer
  elif [[ $answer =~ ^HTTP/[0-9.]+\ (40[0-9]\ ?[^$'\r\n']*) ]]; then
    fail "Proxmox does not tell the token: ${BASH_REMATCH[1]}; \`npm run proxmox:access\` lists what it needs"
  elif [[ $answer =~ \"content\"\ *:\ *\"(ssh-ed25519\ [A-Za-z0-9+/=]+) ]]; then
    key=${BASH_REMATCH[1]}
  else
    problem=${answer%%[$'\r\n']*}
  fi
}

learn() {
  local token key='' problem='' shown end=$((SECONDS + seconds))
  read -r token
  while :; do
    # SSH first: the machine's own server starts after cloud-init has made the key that the agent reads.
    shown=$(ssh-keyscan -T 5 -p "$port" -t ed25519 "$host" 2>/dev/null | cut -d' ' -f2-) || true
    ask_agent
    if [ -n "$shown" ] && [ -n "$key" ]; then break; fi
    ((SECONDS < end)) || give_up
    sleep 1
  done
  if [ "$shown" != "$key" ]; then
    fail "the SSH server at $address has another host key than the one that Proxmox read in the VM, so probably another machine has this address; nothing was sent there. Find that machine, then run \`up\` again"
  fi
  echo "$key"
}

give_up() {
  if [ -z "$shown" ]; then
    fail "no SSH server with an ed25519 key answered at $address within $seconds s"
  fi
  case $problem in
    *"guest agent is not running"*)
      fail "no guest agent answered within $seconds s; with ssh.hostKeySource guest-agent the image has to bring qemu-guest-agent"
      ;;
    *) fail "Proxmox did not tell within $seconds s: $problem" ;;
  esac
}

# In one line: the next one on standard input is the token.
learn; exit
