# shellcheck shell=bash
# Source it after lib.sh. A kubelet sets taints when its node registers, and NodeRestriction lets it set none later: they
# are changed by an administrator, and this sees to it that they were.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

# refuse_other_taints: while one of the wanted taints is missing, or one is left that only the configuration in force has.
refuse_other_taints() {
  local live wanted left missing taint changes=()
  live=$(live_taints) wanted=$(sed -n 's/^| //p' "$STATE/wanted" | taints_of_config)
  missing=$(compare_lines -23 "$wanted" "$live")
  left=$(compare_lines -23 "$(taints_of_config <"$RKE2_CONFIG/config.yaml")" "$wanted")
  left=$(compare_lines -12 "$left" "$live")
  for taint in $missing; do changes+=("$taint"); done
  for taint in $left; do
    # Overwritten by another value: then there is nothing to remove.
    if ! grep -qx "${taint%%[=:]*}\(=.*\)\?:${taint##*:}" <<<"$missing"; then
      changes+=("${taint%%[=:]*}:${taint##*:}-")
    fi
  done
  if ((${#changes[@]} > 0)); then
    fail "nodes.$node.taints is not what the node has (missing on the node: $(list "$missing"); only on the node: $(list "$left")), and only an administrator can change taints of a member; run \`kubectl taint nodes $node ${changes[*]} --overwrite\`, then try again; nothing was changed"
  fi
}

# As KEY[=VALUE]:EFFECT, one a line and in order, like those of the configuration.
live_taints() {
  local each='{{range .spec.taints}}{{.key}}{{with .value}}={{.}}{{end}}:{{.effect}}{{"\n"}}{{end}}'
  node_kubectl get node "$node" -o go-template="$each" | LC_ALL=C sort
}

# Reads config.yaml on standard input.
taints_of_config() {
  sed -n '/^node-taint:/,/^[^ ]/ s/^ *- //p' | tr -d "\"'" | sed 's/=:/:/' | LC_ALL=C sort
}

# compare_lines -12|-23 LINES LINES: those of both, or those of the first alone.
compare_lines() {
  LC_ALL=C comm "$1" <(sed '/^$/d' <<<"$2") <(sed '/^$/d' <<<"$3")
}

list() {
  if [ -z "$1" ]; then echo none; else paste --serial --delimiters ' ' <<<"$1"; fi
}
