#!/bin/bash
# Rotates the key that encrypts Secrets in etcd. Each phase may be repeated after an end at any point.
#
#   encryption.sh NODE rotate VERSION NAME [MODE]  on one server; prints the digest of the configuration with the new key
#   encryption.sh NODE follow VERSION DIGEST       on each other server, one after another
#   encryption.sh NODE finish VERSION DIGEST       on the server of the first phase
#
# NAME    names the key in the stack file
# MODE    `new` where the cluster was made with the key, so that nothing is to do; `required` where the S3 store has to take the
#         snapshot before the rotation
# DIGEST  empty where nothing is to do
#
# RKE2 rotates on one server, encrypts every Secret again and forgets the former key there. The API servers of the others learn the new
# key when RKE2 restarts (docs.rke2.io/security/secrets_encryption). Until then they read no Secret, and a Secret that one of them wrote
# with the former key could never be read again: a single one of these ends every list of Secrets (k3s-io/k3s#13598). So a policy of
# admission refuses all writing of Secrets from before the rotation until every server has the new key.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/let-go.sh
. "$(dirname "$0")/let-go.sh"
# shellcheck source=src/rke2/scripts/members.sh
. "$(dirname "$0")/members.sh"
# shellcheck source=src/rke2/scripts/save-snapshot.sh
. "$(dirname "$0")/save-snapshot.sh"
begin encryption "$1"
phase=$2 version=$3

readonly CONFIG=$RKE2_DATA/server/cred/encryption-config.json

config_digest() {
  sha256sum "$CONFIG" | cut -d' ' -f1
}

# ask_encryption PATH [CURL_OPTION...]: the answer, with its status on a line behind.
ask_encryption() {
  local path=$1 password
  shift
  password=$(sed 's/^K10[0-9a-f]*::server://' "$RKE2_CONFIG/token")
  curl --silent --noproxy '*' --cacert "$RKE2_DATA/server/tls/server-ca.crt" --write-out '\n%{http_code}' \
    --config <(printf 'user = "server:%s"\n' "$password") "$@" "https://127.0.0.1:$REGISTRATION_PORT/v1-rke2/encrypt/$path" || true
}

# Sets `stage`, and `equal` to yes where all servers have the same configuration.
look_at_keys() {
  local answer
  answer=$(ask_encryption status --max-time 20)
  [[ $answer == *$'\n200' ]] || return 1
  stage=$(sed -n 's/.*"stage":"\([a-z_]*\)".*/\1/p' <<<"$answer")
  equal=''
  if [[ $answer == *'"hashmatch":true'* ]]; then equal=yes; fi
  [ -n "$stage" ]
}

# Whether the API server of this node has started, or has noticed another configuration, since the file is as it is. It looks at the file
# once a minute (k8s.io/apiserver, pkg/server/options/encryptionconfig), and knows its own start to the second.
uses_config() {
  local since
  since=$(server_kubectl get --raw /metrics | awk '
    /^process_start_time_seconds / || /^apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds\{.*status="success"/ {
      if ($NF + 0 > latest) { latest = $NF + 0 }
    }
    END { printf "%d", latest }') || return 1
  ((since + 2 > $(stat --format %Z "$CONFIG")))
}

addresses_of_servers() {
  list_members | awk '{ print $3 }'
}

# at_server ADDRESS ARGUMENT...: asks the API server there, and no other.
at_server() {
  local address=$1
  shift
  server_kubectl --server "https://$address:$API_PORT" "$@"
}

# freeze_secrets NAME: of the key, by which the program recognizes the rotation (components/cluster/accepted-key.ts). RKE2
# encrypts Secrets again with the identity of its supervisor. Each server has that identity, and writes the password of a node that joins.
freeze_secrets() {
  local supervisor address
  supervisor=$("$RKE2_DATA/bin/kubectl" --kubeconfig "$RKE2_DATA/server/cred/supervisor.kubeconfig" --request-timeout 20s \
    auth whoami --output 'jsonpath={.status.userInfo.username}') ||
    fail "the name of RKE2's own user cannot be read, so nothing was changed; run \`up\` again"
  server_kubectl apply --filename - >/dev/null <<EOF || fail "the writing of Secrets cannot be stopped, so nothing was changed; run \`up\` again"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: $FREEZE
  annotations:
    $ROTATES_TO: "$1"
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [secrets]
  validations:
    - expression: request.userInfo.username == '$supervisor'
      message: the key that encrypts Secrets is being rotated; try again in some minutes, and if \`up\` was interrupted, run it again with the name $1 as cluster.secretsEncryptionKey
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: $FREEZE
spec:
  policyName: $FREEZE
  validationActions: [Deny]
EOF
  for address in $(addresses_of_servers); do
    within 60 is_frozen "$address" || {
      thaw_secrets
      fail "the API server at $address still accepts Secrets, so no key was rotated; run \`up\` again"
    }
  done
}

is_frozen() {
  local output
  output=$(at_server "$1" --namespace kube-system create secret generic "$FREEZE" --from-literal=a=b --dry-run=server 2>&1) && return 1
  [[ $output == *"$FREEZE"* ]]
}

require_healthy_servers() {
  # shellcheck disable=SC2034 # look_at_members sets them.
  local voters well sick next
  within 30 look_at_members || fail "etcd has no quorum, so nothing was changed; bring the other servers back first"
  if [ -n "$sick" ]; then fail "$sick; the key is rotated only while every server works, so nothing was changed"; fi
}

# rotate_key DIGEST: of the configuration before.
rotate_key() {
  local answer
  say "rotating the key that encrypts Secrets; nobody can write a Secret until every server has the new one"
  # RKE2 goes on without us: a lost connection must not come between it and the record of this script.
  trap '' TERM HUP
  answer=$(ask_encryption config --max-time 900 --request PUT --data '{"stage":"rotate_keys"}')
  if [[ $answer == *$'\n'[45]?? ]]; then
    if [ "$(config_digest)" = "$1" ]; then thaw_secrets; fi
    fail "RKE2 has not rotated the key and answered ${answer//$'\n'/ }; its journal has the reason"
  fi
  within 600 has_finished ||
    fail "RKE2 still encrypts the Secrets again; leave the stack file as it is, and run \`up\` again"
}

have_equal_keys() {
  look_at_keys && [ -n "$equal" ]
}

has_finished() {
  look_at_keys && [ "$stage" = reencrypt_finished ]
}

# has_rotated NAME: RKE2 may have ended a rotation of an earlier attempt that has not seen its end.
has_rotated() {
  local name='' before=''
  if [ -f "$ROTATION" ]; then read -r name before <"$ROTATION"; fi
  [ "$name" = "$1" ] && [ "$before" != "$(config_digest)" ]
}

# rotate NAME MODE: as long as the servers have different keys, a rotation is not done everywhere. It counts as this one.
rotate() {
  local stage equal
  within 60 look_at_keys || fail "RKE2 does not say which key it uses, so nothing was changed; run \`up\` again"
  require_healthy_servers
  if [ "$stage" = reencrypt_active ]; then
    within 600 has_finished ||
      fail "RKE2 has begun a rotation of the key and does not finish it; restore the snapshot of before the rotation (docs/operations/restore.md)"
  elif [ -n "$equal" ] && ! has_rotated "$1"; then
    save_snapshot "$2"
    report_not_stored >&2
    freeze_secrets "$1"
    echo "$1 $(config_digest)" >"$ROTATION"
    rotate_key "$(config_digest)"
  fi
  config_digest
}

# follow DIGEST: a server that joined after the rotation has the key.
follow() {
  local stage equal
  if within 60 look_at_keys && [ -n "$equal" ]; then
    say "has the key of the other servers"
    return
  fi
  if [ "$(config_digest)" != "$1" ]; then
    if within 10 works server; then
      refuse_loss_of_quorum
      hand_over_leadership
      let_go_of_address
    fi
    say "restarting RKE2, which gets the new key"
    start_rke2 server
  fi
  gate server "$version"
  wait_for 300 "the other members of etcd to answer" is_settled "$well_before"
  offer_to_hold_address
  [ "$(config_digest)" = "$1" ] || fail "RKE2 has restarted and has another key than the server that rotated; run \`up\` again"
  wait_for 180 "the API server to use the new key" uses_config
}

# finish DIGEST: nothing is written again before each API server has shown that it reads every Secret.
finish() {
  local address stage equal
  wait_for 180 "the API server to use the new key" uses_config
  for address in $(addresses_of_servers); do
    within 120 at_server "$address" get secrets --all-namespaces --output name >/dev/null ||
      fail "the API server at $address does not read every Secret; Secrets cannot be written until it does; run \`up\` again"
  done
  within 60 have_equal_keys || fail "the servers do not have the same key; run \`up\` again"
  thaw_secrets
  [ "$(config_digest)" = "$1" ] ||
    fail "a restore of etcd has taken this rotation back, so the former key is in use; give cluster.secretsEncryptionKey a name that it never had, and run \`up\` again"
  say "every server has the new key"
}

case $phase in
  rotate) if [ "${5:-}" = new ]; then say "the cluster was made with this key"; else rotate "$4" "${5:-}"; fi ;;
  follow) if [ -n "${4:-}" ]; then follow "$4"; fi ;;
  finish) if [ -n "${4:-}" ]; then finish "$4"; fi ;;
esac
