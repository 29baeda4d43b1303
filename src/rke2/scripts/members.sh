# shellcheck shell=bash
# Source it after lib.sh. The members of etcd: whether this server can leave them for a restart, and whether they are well.
# shellcheck disable=SC2154 # `node` is set by `begin` in lib.sh.

# Other members that answered before this server's RKE2 was stopped.
well_before=0

# answers_read ADDRESS: whether the member there answers a linearizable read, which it can do only with a quorum. To other
# machines etcd speaks gRPC alone: a frame of eight bytes holds the question for the key that `etcdctl endpoint health`
# asks for, and an error has no body.
answers_read() {
  local tls=$RKE2_DATA/server/tls/etcd length
  length=$(printf '\0\0\0\0\010\012\006health' |
    curl --silent --http2 --noproxy '*' --max-time 5 --cert "$tls/client.crt" --key "$tls/client.key" --cacert "$tls/server-ca.crt" \
      --header 'content-type: application/grpc' --header 'te: trailers' --data-binary @- \
      --output /dev/null --write-out '%{size_download}' "https://$1:2379/etcdserverpb.KV/Range") || return 1
  ((length > 0))
}

# Sets `voters` to the number of members that vote, `well` to that of the others which answer, `sick` to sentences about
# the rest, and `next` to `ID NODE` of one that answers. Fails without a quorum.
look_at_members() {
  local own list id name address state
  own=$(sed -n 's/^node-ip: //p' "$RKE2_CONFIG/config.yaml")
  voters=0 well=0 sick='' next=''
  list=$(list_members) && [ -n "$list" ] || return 1
  while read -r id name address state; do
    case $state in
      voter)
        voters=$((voters + 1))
        if [ "$address" = "$own" ]; then continue; fi
        if answers_read "$address"; then
          well=$((well + 1))
          next=${next:-$id $name}
        else
          sick+="; etcd of $name does not answer at $address"
        fi
        ;;
      learner) sick+="; $name is not a voter of etcd yet" ;;
      *)
        # etcd counts it for the quorum from the moment at which it was added.
        voters=$((voters + 1))
        sick+="; the member at $address has not started"
        ;;
    esac
  done <<<"$list"
  sick=${sick#; }
}

# One server, or two, stop etcd by every restart: there is no quorum to keep.
keeps_quorum_without_this_server() {
  ((voters < 3 || well >= voters / 2 + 1))
}

# Before anything is touched; sets `well_before` to the number of other members that answer. A server whose own
# etcd does not answer is repaired without this question.
refuse_loss_of_quorum() {
  local voters well sick next
  within 30 look_at_members || fail "etcd has no quorum, so nothing was changed; bring the other servers back first"
  if ! keeps_quorum_without_this_server; then
    fail "$sick; without this server $well of $voters members are left, and etcd needs $((voters / 2 + 1)), so nothing was changed; repair the other server first"
  fi
  if [ -n "$sick" ]; then say "$sick; etcd keeps its quorum without this server"; fi
  # shellcheck disable=SC2034 # converge.sh reads it.
  well_before=$well
}

# Whether etcd of this server runs and finds no majority of the members, after a change that has ended. A restart would not help:
# RKE2 itself restarts again and again meanwhile (rancher/rke2#11056). A change that has not ended may be the reason.
has_lost_quorum() {
  local status leader
  [ -f "$APPLIED" ] && status=$(etcd_ask maintenance/status '{}') || return 1
  leader=$(number_in leader "$status")
  [ "${leader:-0}" = 0 ]
}

# Again after the drain, which may take long: a member may have failed meanwhile.
can_still_leave() {
  local voters well sick next
  look_at_members && keeps_quorum_without_this_server
}

# The leader's restart costs the API a new election: give the leadership to a member that answers.
hand_over_leadership() {
  local status voters well sick next
  status=$(etcd_ask maintenance/status '{}') || return 0
  if [ "$(number_in member_id "$status")" != "$(number_in leader "$status")" ]; then return; fi
  look_at_members || return 0
  if [ -z "$next" ]; then return; fi
  if etcd_ask maintenance/transfer-leadership "{\"targetID\":\"${next% *}\"}" >/dev/null; then
    say "${next#* } leads etcd now"
  else
    say "${next#* } has not taken etcd's leadership; the members elect a leader when this server restarts"
  fi
}

# number_in NAME JSON
number_in() {
  sed -n "s/.*\"$1\":\"\([0-9]*\)\".*/\1/p" <<<"$2"
}

# is_settled WELL: whether so many other members answer, twice in a row some seconds apart: one look may meet a member
# between two elections.
is_settled() {
  are_well "$1" && sleep 5 && are_well "$1"
}

are_well() {
  local voters well sick next
  look_at_members && ((well >= $1))
}
