# shellcheck shell=bash
# Source it after lib.sh. Empties a node before its RKE2 is restarted, and lets pods back in afterwards.
#
# It works with the kubelet's identity, which may cordon its own node and evict its own pods and nothing else, so that no
# administrator's credentials have to be on a worker. `kubectl drain` does not work with it: it reads DaemonSets.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

readonly CORDONED=$STATE/cordoned

# Pods that leave: not those of DaemonSets, which ignore the cordon and would be back at once, nor static ones (whose
# owner is the node), nor finished ones. Prints NAMESPACE NAME.
# shellcheck disable=SC2016 # The dollars are the template's.
readonly LEAVING='{{range .items}}{{$stays := or (eq .status.phase "Succeeded") (eq .status.phase "Failed")}}
{{- range .metadata.ownerReferences}}{{if or (eq .kind "DaemonSet") (eq .kind "Node")}}{{$stays = true}}{{end}}{{end}}
{{- if not $stays}}{{.metadata.namespace}} {{.metadata.name}}{{"\n"}}{{end}}{{end}}'

seen=''

is_cordoned() {
  [ "$(node_kubectl get node "$node" -o jsonpath='{.spec.unschedulable}')" = true ]
}

# Succeeds when nothing is left to evict. A disruption budget may refuse for a while: then the next round asks again.
evict_leaving_pods() {
  local pods namespace name
  pods=$(node_kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node" -o go-template="$LEAVING") ||
    return 1
  if [ -z "$pods" ]; then return 0; fi
  if [ "$pods" != "$seen" ]; then
    seen=$pods
    say "pods to leave: $(tr ' \n' '/ ' <<<"$pods")"
  fi
  while read -r namespace name; do
    printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"}}' "$namespace" "$name" |
      node_kubectl create --raw "/api/v1/namespaces/$namespace/pods/$name/eviction" -f - >/dev/null 2>&1 || true
  done <<<"$pods"
  return 1
}

drain_node() {
  if ! is_cordoned; then
    # Only what was cordoned here is uncordoned here.
    touch "$CORDONED"
    node_kubectl cordon "$node" >/dev/null
  fi
  wait_for 900 "the pods of this node to leave, as far as their disruption budgets let them" evict_leaving_pods
}

uncordon_node() {
  if [ ! -f "$CORDONED" ]; then return; fi
  node_kubectl uncordon "$node" >/dev/null
  rm "$CORDONED"
}
