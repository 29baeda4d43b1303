# shellcheck shell=bash
# Source it after lib.sh. Brings a snapshot from the S3 store of the cluster to this server, so that it can be checked before a
# restore stops anything for it.

# Has the snapshot from the store until it is restored. The names of the other files cannot be those of a snapshot.
readonly FETCHED=$STATE/snapshot-from-store

# fetch_snapshot NAME [PROXY EXCEPTIONS]: standard input has the address of the snapshot and that of the list of its folder, each
# signed for some hours, and then the authority of the store as PEM, if it is not a public one (src/rke2/snapshot-addresses.ts).
fetch_snapshot() {
  local file=$FETCHED/$1 object list status code said
  rm -rf "$FETCHED"
  install -d -m 0700 "$FETCHED"
  if ! { read -r object && read -r list; }; then fail "no addresses of the S3 store arrived on standard input"; fi
  cat >"$FETCHED/.authority"
  if [ -n "${2:-}" ]; then export https_proxy=$2 http_proxy=$2 no_proxy=${3:-}; fi
  say "downloading the snapshot $1 from the S3 store"
  if ! status=$(ask_store "$object" "$file" 2>"$FETCHED/.said"); then
    said=$(grep --max-count=1 '^curl: ' "$FETCHED/.said" || true)
    rm -rf "$FETCHED"
    fail "the S3 store of cluster.etcdSnapshots.s3 cannot be read, so nothing was changed: ${said:-curl gave no reason}"
  fi
  if [ "$status" = 200 ]; then return; fi
  mv "$file" "$FETCHED/.answer"
  code=$(element Code)
  if [ "$code" = NoSuchKey ]; then
    fail "cluster.restore.snapshot $1 is not in the S3 store of cluster.etcdSnapshots.s3, so nothing was changed; it has: $(stored_snapshots "$list")"
  fi
  fail "the S3 store of cluster.etcdSnapshots.s3 answers $status ${code:-without a reason}, so nothing was changed: $(element Message | sed 's/[.]$//'); look at its keys, and at etcdS3AccessKey and etcdS3SecretKey"
}

# ask_store ADDRESS FILE: prints the HTTP status. The address is no argument: other users of this machine could read the snapshot with it.
ask_store() {
  local -a trust=()
  if grep --quiet '^-----BEGIN' "$FETCHED/.authority"; then trust=(--cacert "$FETCHED/.authority"); fi
  printf 'url = "%s"\n' "$1" | curl --config - --silent --show-error "${trust[@]}" --retry 2 --connect-timeout 10 \
    --speed-limit 1024 --speed-time 60 --output "$2" --write-out '%{http_code}'
}

# element NAME: of the answer of the store, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
element() {
  { grep --only-matching --max-count=1 "<$1>[^<]*" "$FETCHED/.answer" || true; } | head -n 1 | cut -d'>' -f2 |
    tr -cd '[:print:]' | sed 's/&#34;\|&quot;/"/g' | cut -c-200
}

# The thirty newest: their names end in the time. An empty object is no snapshot, and the check says so.
stored_snapshots() {
  local status
  status=$(ask_store "$1" "$FETCHED/.answer" 2>/dev/null || true)
  if [ "$status" != 200 ]; then
    echo "(a list that these credentials may not read)"
    return
  fi
  { grep --only-matching '<Key>[^<]*' "$FETCHED/.answer" || true; } | sed 's/.*[>/]//' | awk -F- '{ print $NF, $0 }' |
    sort --numeric-sort | tail -n 30 | cut -d' ' -f2 | paste --serial --delimiters ' ' | sed 's/^$/none/'
}
