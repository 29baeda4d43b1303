# shellcheck shell=bash
# Source it after lib.sh. What preflight.sh looks at beyond the machine; `found` is preflight.sh's.
# shellcheck disable=SC2154 # The variables are preflight.sh's.

# Seconds by which clocks may differ before certificates that were just made are not valid yet elsewhere.
readonly CLOCK_TOLERANCE=30

# Canal, kube-vip and keepalived have the name of the interface in their configuration.
check_interface() {
  local here
  here=$(ip -oneline -4 address show dev "$interface" 2>/dev/null | awk '{ print $4 }' | paste --serial --delimiters ' ')
  if [[ " $here" != *" $address/"* ]]; then
    found interface "$interface has ${here:-no address} instead of $address, the address of this node: take an image in which the first network interface is named $interface and cloud-init configures it"
  fi
}

check_clock() {
  local service
  # prepare.sh tells it the time servers of the stack file; until then it may have none that answers.
  if is_member && [ "$(timedatectl show --property NTPSynchronized --value 2>/dev/null)" = no ]; then
    found clock "no time server has set the clock of this machine: see which it asks (\`timedatectl timesync-status\` or \`chronyc sources\`), and name one that it reaches in network.timeServers"
  fi
  for service in systemd-timesyncd chrony chronyd ntpsec openntpd ntpd; do
    if systemctl is-active --quiet "$service.service"; then return; fi
  done
  found clock "nothing keeps the clock of this machine, and certificates and etcd need clocks that agree: bring systemd-timesyncd or chrony with the machine's image"
}

# Software that wants the same ports, pods or rules. Once RKE2 is installed, its own is what listens.
check_conflicts() {
  local service port
  if [ -f "$STATE/installed" ]; then return; fi
  for service in docker containerd crio kubelet k3s k3s-agent k0scontroller k0sworker snap.microk8s.daemon-kubelite; do
    if systemctl is-active --quiet "$service.service"; then
      found conflicts "$service.service runs here and would share networks, rules or ports with RKE2: run \`systemctl disable --now $service.service\`, or take a machine of its own"
    fi
  done
  # https://docs.rke2.io/install/requirements#inbound-network-rules
  for port in 2379 2380 2381 "$API_PORT" 9099 "$REGISTRATION_PORT" 10248 10249 10250 10256 10257 10259; do
    if [ -n "$(ss --no-header --listening --tcp "sport = :$port")" ]; then
      found conflicts "something listens on port $port, which is RKE2's: \`ss -ltnp 'sport = :$port'\` names it; stop it"
    fi
  done
  if [ -e "$RKE2_DATA/server/db/etcd" ] || [ -e "$RKE2_DATA/agent/kubelet.kubeconfig" ]; then
    found conflicts "$RKE2_DATA is of another cluster: if nothing there is needed, run rke2-uninstall.sh"
  fi
}

# A server that answers, even with an error, can be reached; prepare.sh says what is wrong with the file.
check_download() {
  local answer status=0 means="set cluster.artifacts.url to where the nodes reach it, or cluster.proxy"
  if [ -f "$(release_tarball "$version")" ]; then return; fi
  answer=$(curl --silent --show-error --head --location --retry 2 --connect-timeout 10 --max-time 30 \
    --write-out 'connected %{time_connect}\n' "$url" 2>&1 | tr --delete '\r') || status=$?
  case $status in
    0) compare_clocks "$(header date "$answer")" "$(header age "$answer")" ;;
    5 | 6) found download "the name in ${proxy:-$url} cannot be resolved: see that network.nameservers know it (now: $(name_servers))" ;;
    35 | 60) found download "the certificate of $url is not accepted (curl: $status); the clock here says $(date --utc +%FT%TZ): correct it, or bring the authority with the machine's image" ;;
    *) if grep --quiet --fixed-strings 'connected 0.000000' <<<"$answer"; then
      found download "$url${proxy:+ by way of $proxy} cannot be reached (curl: $status): $means"
    fi ;;
  esac
}

# A registry that answers, even with a refusal of the login, can be reached.
check_registries() {
  local -a all urls
  local entry url failures
  IFS=, read -ra all <<<"$registries"
  for entry in "${all[@]}"; do
    failures=''
    IFS='|' read -ra urls <<<"${entry#*=}"
    for url in "${urls[@]}"; do
      if ask_registry "${url#!}" "$([[ $url != !* ]] || echo --insecure)"; then continue 2; fi
    done
    found registries "no image can come from ${entry%%=*}: ${failures%, }: open the way, or set cluster.proxy or a mirror in cluster.registries.mirrors"
  done
}

# ask_registry URL OPTION: adds the reason to `failures` when nothing answers there.
ask_registry() {
  local said status=0 cause
  said=$(curl --silent --show-error --head --connect-timeout 10 --max-time 20 --output /dev/null \
    ${2:+"$2"} "$1" 2>&1) || status=$?
  case $status in
    0) return 0 ;;
    5 | 6) cause="the name ${proxy:+of it or of the proxy }cannot be resolved, so network.nameservers (now: $(name_servers)) may not know names outside" ;;
    7 | 28) cause="no connection${proxy:+ by way of $proxy}, so a firewall or a missing route may keep it away" ;;
    35 | 60) cause="its certificate is not accepted, so the clock ($(date --utc +%FT%TZ)) may be wrong, or a proxy may read the traffic" ;;
    56) cause="$(tail --lines 1 <<<"$said"), so the proxy may refuse the host" ;;
    *) cause="$(tail --lines 1 <<<"$said")" ;;
  esac
  failures+="$1 gives no answer (curl: $status): $cause, "
  return 1
}

name_servers() {
  awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf | paste --serial --delimiters ' '
}

# header NAME ANSWERS: prints a header of the last answer.
header() {
  sed -n "s/^$1: //Ip" <<<"$2" | tail --lines 1
}

# compare_clocks DATE AGE: of an answer that was just given, or kept by a cache for AGE seconds.
compare_clocks() {
  local there here
  if [ -z "$1" ]; then return; fi
  there=$(($(date --date "$1" +%s) + ${2:-0})) here=$(date +%s)
  if ((here - there > CLOCK_TOLERANCE || there - here > CLOCK_TOLERANCE)); then
    found clock "the clock here says $(date --utc +%FT%TZ) and that of $url $(date --utc --date "@$there" +%FT%TZ); $CLOCK_TOLERANCE s are tolerated: correct the one that is wrong"
  fi
}
