# shellcheck shell=bash
# Source it after lib.sh and unsupported.sh. Looks at a snapshot of etcd before a restore stops anything for it.

readonly SNAPSHOTS=$RKE2_DATA/server/db/snapshots

# require_snapshot NAME VERSION FILE: the file is there, is a whole snapshot of this cluster, and VERSION can read it. If this
# node goes back to an older minor, the snapshot is of that minor.
require_snapshot() {
  local file=$3 newest installed
  [ -f "$file" ] || fail "cluster.restore.snapshot $1 is not in $SNAPSHOTS of this server, so nothing was changed; it has: $(list_snapshots)"
  [ -s "$file" ] || fail "cluster.restore.snapshot $1 is empty, so nothing was changed; choose another one$(others "$file")"
  is_whole "$file" || fail "cluster.restore.snapshot $1 is damaged: its content does not have the digest at its end, so nothing was changed; choose another one$(others "$file")"
  is_of_this_cluster "$file" || fail "cluster.restore.snapshot $1 is of another cluster: it does not have this cluster's certificate authority, so nothing was changed"
  has_token_of "$file" || fail "cluster.restore.snapshot $1 is from before a rotation of clusterToken: RKE2 could not read the keys in it with the present token, so nothing was changed; choose a later one$(others "$file")"
  newest=$(newest_kubelet "$file" || true)
  [ -n "$newest" ] || fail "cluster.restore.snapshot $1 has no node, so nothing was changed; choose a snapshot of a cluster with nodes"
  if (($(minor_of "$newest") > $(minor_of "$2"))); then
    fail "cluster.restore.snapshot $1 is of $newest, a newer minor than cluster.version $2, which cannot read it; nothing was changed"
  fi
  if goes_back "$newest" "$2"; then
    fail "cluster.restore.snapshot $1 is of $newest with etcd 3.6, and the etcd 3.5 of cluster.version $2 cannot read it; nothing was changed"
  fi
  installed=$(cat "$STATE/installed" 2>/dev/null || true)
  if [ -n "$installed" ] && goes_back "$installed" "$2" && (($(minor_of "$newest") != $(minor_of "$2"))); then
    fail "cluster.restore.snapshot $1 is of $newest, and a rollback to cluster.version $2 needs a snapshot of the same minor; nothing was changed"
  fi
}

# The other snapshots of this server, if FILE is one of them.
others() {
  if [ "$1" = "$SNAPSHOTS/${1##*/}" ]; then echo " of: $(list_snapshots)"; fi
}

list_snapshots() {
  { find "$SNAPSHOTS" -maxdepth 1 -type f -size +0 -printf '%f\n' 2>/dev/null || true; } | sort | paste --serial --delimiters ' ' | sed 's/^$/none/'
}

# etcd puts the SHA-256 of a snapshot behind it, and compares it when it restores (go.etcd.io/etcd/etcdutl/v3,
# snapshot/v3_snapshot.go). etcdutl itself is not on a node.
is_whole() {
  (($(stat --format %s "$1") % 512 == 32)) &&
    [ "$(head --bytes -32 "$1" | sha256sum | cut -d' ' -f1)" = "$(tail --bytes 32 "$1" | od -An -v -tx1 | tr -d ' \n')" ]
}

# Each namespace has the certificate authority of the cluster in its ConfigMap kube-root-ca.crt, in clear text. One line of
# it is enough. A machine that is no member yet has not the authority, but its digest in the token.
is_of_this_cluster() {
  local line
  if ! [ -f "$RKE2_DATA/server/tls/server-ca.crt" ]; then
    has_authority_of_token "$1"
    return
  fi
  line=$(sed -n 3p "$RKE2_DATA/server/tls/server-ca.crt")
  [ -n "$line" ] && grep --text --quiet --fixed-strings "$line" "$1"
}

has_authority_of_token() {
  local digest certificates
  digest=$(sed -n 's/^K10\([0-9a-f]*\)::server:.*/\1/p' "$RKE2_CONFIG/token")
  while IFS= read -r -d '' certificates; do
    if [ "$(printf %s "$certificates" | sha256sum | cut -d' ' -f1)" = "$digest" ]; then return; fi
  done < <(LC_ALL=C grep --text --null-data --only-matching --perl-regexp \
    '(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n)+' "$1")
  return 1
}

# etcd has the keys of the cluster under a name that follows from the token (k3s-io/k3s, pkg/cluster/encrypt.go, storageKey).
has_token_of() {
  local password
  password=$(sed 's/^K10[0-9a-f]*::server://' "$RKE2_CONFIG/token")
  grep --text --quiet --fixed-strings "/bootstrap/$(printf %s "$password" | sha256sum | cut -c1-12)" "$1"
}

# The newest kubelet of all Node objects in a snapshot: kubeletVersion is field 7 of NodeSystemInfo and kubeProxyVersion is
# field 8, so the byte after the text is the tag of field 8 (k8s.io/api/core/v1/generated.proto).
newest_kubelet() {
  LC_ALL=C grep --text --only-matching --perl-regexp '\x3a.v1\.\d+\.\d+\+rke2r\d+(?=\x42)' "$1" |
    LC_ALL=C sed 's/^..//' | sort --version-sort | tail -n 1
}
