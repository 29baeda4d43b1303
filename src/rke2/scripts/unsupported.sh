# shellcheck shell=bash
# Source it after lib.sh. Refuses, before anything is touched, what RKE2 does not support on a running cluster. A preview
# has refused it already (unsupported-changes.ts), unless the state was lost or the node was changed by hand.

# minor_of VERSION: 35 of v1.35.7+rke2r1
minor_of() {
  cut -d. -f2 <<<"$1"
}

# etcd_of VERSION: as src/facts/etcd-releases.ts has it. 3.5 for one that is too old for 3.6, "safe 3.5", or 3.6.
etcd_of() {
  local minor patch release
  IFS='.+' read -r _ minor patch release <<<"$1"
  release=${release#rke2r}
  if ((minor > 33 || (minor == 33 && patch > 10))); then
    echo 3.6
  elif ((minor == 33 && (patch > 7 || (patch == 7 && release >= 3)))); then
    echo "safe 3.5"
  else
    echo 3.5
  fi
}

# goes_back FROM TO: whether TO cannot run with the data of FROM: it has an older minor, or etcd 3.5 after 3.6.
goes_back() {
  (($(minor_of "$2") < $(minor_of "$1"))) || { [ "$(etcd_of "$1")" = 3.6 ] && [ "$(etcd_of "$2")" != 3.6 ]; }
}

# refuse_version_jump VERSION [SNAPSHOT]: https://kubernetes.io/releases/version-skew-policy/. A lower patch is allowed: it is
# the way back from an upgrade that failed. An older minor needs the restore of a snapshot of that minor
# (https://docs.rke2.io/upgrades/roll-back). A node without an installed release was stopped while it changed to another one.
refuse_version_jump() {
  local installed from to
  if ! is_member; then return; fi
  installed=$(cat "$STATE/installed" 2>/dev/null) || return 0
  from=$(minor_of "$installed") to=$(minor_of "$1")
  if ((to < from - 1)); then
    fail "cluster.version $1 is $((from - to)) minors older than the $installed that runs here, and a rollback goes to the minor before only"
  fi
  if goes_back "$installed" "$1"; then
    if [ -n "${2:-}" ]; then return; fi
    if ((to < from)); then
      fail "cluster.version $1 is an older minor than the $installed that runs here, and etcd cannot go back; name a snapshot of 1.$to in cluster.restore too"
    fi
    fail "cluster.version $1 brings etcd 3.5, which cannot read the data of etcd 3.6 of the $installed that runs here; stay at v1.33.11 or later, or name a snapshot of $1 in cluster.restore too"
  fi
  if ((to > from + 1)); then
    fail "cluster.version $1 skips a minor after the $installed that runs here; upgrade to 1.$((from + 1)) first"
  fi
  if [ "$(etcd_of "$installed")" = 3.5 ] && [ "$(etcd_of "$1")" = 3.6 ]; then
    fail "cluster.version $1 brings etcd 3.6. An upgrade to it is safe from etcd 3.5.26 on, and the $installed that runs here has an older one; upgrade to v1.33.10+rke2r3 first"
  fi
}

# compare KEY PATTERN FILE: the value after PATTERN must be in the wanted files what it is in FILE.
compare() {
  local key=$1 pattern=$2 file=$3 current wanted
  if [ ! -f "$file" ]; then return; fi
  current=$(sed -n "s/^ *$pattern: //p" "$file")
  wanted=$(sed -n "s/^| *$pattern: //p" "$STATE/wanted")
  if [ "$current" != "$wanted" ]; then
    say "$key is $current on this cluster and cannot become $wanted while it runs; set the old value again, or build a new cluster"
    refused=yes
  fi
}

# The pods that run have addresses of the old network and packets of the old size.
refuse_network_change() {
  local canal=$MANIFESTS/rke2-canal-config.yaml refused=''
  compare cluster.podCidr cluster-cidr "$RKE2_CONFIG/config.yaml"
  compare cluster.serviceCidr service-cidr "$RKE2_CONFIG/config.yaml"
  compare cluster.canal.backend backend "$canal"
  compare cluster.canal.mtu vethuMTU "$canal"
  if [ -n "$refused" ]; then fail "nothing was changed"; fi
}
