# shellcheck shell=bash
# Source it after lib.sh. Empties a node before its RKE2 is restarted, and lets pods back in afterwards.
#
# It works with the kubelet's identity, which may cordon its own node and evict its own pods and nothing else, so that no
# administrator's credentials have to be on a worker. `kubectl drain` does not work with it: it reads DaemonSets.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

readonly CORDONED=$STATE/cordoned

# Pods that leave: not those of DaemonSets, which ignore the cordon and would be back at once, nor static ones (whose
# owner is the node), nor finished ones. Prints NAMESPACE NAME GRACE DELETED, the last a time or `no`.
# shellcheck disable=SC2016 # The dollars are the template's.
readonly LEAVING='{{range .items}}{{$stays := or (eq .status.phase "Succeeded") (eq .status.phase "Failed")}}
{{- range .metadata.ownerReferences}}{{if or (eq .kind "DaemonSet") (eq .kind "Node")}}{{$stays = true}}{{end}}{{end}}
{{- if not $stays}}{{.metadata.namespace}} {{.metadata.name}} {{.spec.terminationGracePeriodSeconds}} {{or .metadata.deletionTimestamp "no"}}{{"\n"}}{{end}}{{end}}'

seen=''
# Why each pod is still here, and when it may be asked again, by NAMESPACE/NAME.
declare -A staying=() ask_again=()
# When the drain gives up. One round may take long: each pod is a request of up to 20 s.
drain_until=0
# Seconds after which a pod that a budget keeps is asked again, as `kubectl drain` does (kubectl pkg/drain/drain.go).
readonly ASK_AGAIN=5

# Fails where the API does not say it: a node that an administrator has cordoned is not to be uncordoned later.
is_cordoned() {
  local unschedulable
  unschedulable=$(node_kubectl get node "$node" -o jsonpath='{.spec.unschedulable}') ||
    fail "the API does not say whether this node is cordoned, so nothing was changed"
  [ "$unschedulable" = true ]
}

# evict NAMESPACE NAME GRACE: prints why the pod stays, or nothing. kubectl does not print which disruption budget
# refuses, so the API is asked directly, with the identity that the kubelet's kubeconfig names.
evict() {
  local refusal
  refusal=$(printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"},"deleteOptions":{"gracePeriodSeconds":%s}}' "$@" |
    curl --silent --max-time 20 --noproxy '*' --cacert "$RKE2_DATA/agent/server-ca.crt" \
      --cert "$RKE2_DATA/agent/client-kubelet.crt" --key "$RKE2_DATA/agent/client-kubelet.key" \
      --header 'content-type: application/json' --data @- \
      "$(kubelet_server)/api/v1/namespaces/$1/pods/$2/eviction" |
    sed -n 's/.*"message": *"\(The disruption budget [^"]*\)".*/\1/p')
  echo "$refusal"
}

kubelet_server() {
  sed -n 's/^ *server: *//p' "$RKE2_DATA/agent/kubelet.kubeconfig" | tr -d '"'
}

# evict_leaving_pods GRACE: succeeds when nothing is left to evict. A disruption budget may refuse for a while: then a later
# round asks again. No pod gets more than GRACE seconds to end.
evict_leaving_pods() {
  local pods names namespace name own deleted pod
  pods=$(node_kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node" -o go-template="$LEAVING") ||
    return 1
  if [ -z "$pods" ]; then return 0; fi
  names=$(cut -d' ' -f1,2 <<<"$pods")
  if [ "$names" != "$seen" ]; then
    seen=$names
    say "pods to leave: $(tr ' \n' '/ ' <<<"$names")"
  fi
  for pod in "${!staying[@]}"; do
    grep -qF "${pod/\// } " <<<"$pods" || unset "staying[$pod]"
  done
  while read -r namespace name own deleted; do
    pod=$namespace/$name
    if [ "$deleted" != no ]; then
      staying[$pod]="has been ending since $deleted"
    elif ((SECONDS < drain_until && SECONDS >= ${ask_again[$pod]:-0})); then
      staying[$pod]=$(evict "$namespace" "$name" "$((own < $1 ? own : $1))")
      ask_again[$pod]=$((SECONDS + ASK_AGAIN))
    else
      staying[$pod]=${staying[$pod]:-}
    fi
  done <<<"$pods"
  return 1
}

# drain_node SECONDS GRACE: where the pods do not leave in time, the node takes pods again and nothing else has happened.
drain_node() {
  local pod list='' outcome="the node takes pods again"
  if ! is_cordoned; then
    # Only what was cordoned here is uncordoned here.
    touch "$CORDONED"
    node_kubectl cordon "$node" >/dev/null
  fi
  say "draining, for $1 s at most"
  drain_until=$((SECONDS + $1))
  if within "$1" evict_leaving_pods "$2"; then return; fi
  within 60 uncordon_node || outcome="the node is still cordoned until the next \`up\`"
  for pod in "${!staying[@]}"; do
    list+="; $pod${staying[$pod]:+: ${staying[$pod]}}"
  done
  fail "these pods have not left within $1 s, so $outcome and nothing was changed$list; let them leave, or raise cluster.drain, and run \`up\` again"
}

uncordon_node() {
  if [ ! -f "$CORDONED" ]; then return; fi
  node_kubectl uncordon "$node" >/dev/null || return 1
  rm "$CORDONED"
}
