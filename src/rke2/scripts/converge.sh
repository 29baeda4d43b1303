#!/bin/bash
# Brings a member to the wanted version and configuration, or does nothing when it is there. Run on one server at a time, and on
# a batch of workers.
#
#   converge.sh NODE server|agent VERSION CPUS GIB DISK DRAIN GRACE TOKEN [REGISTRIES [STORE]] <files of the node as a bundle
#
# DRAIN      seconds in which the node's pods have to leave; GRACE, seconds that each of them gets to end at the most.
# CPUS, GIB  of memory, and DISK, GiB of its system disk: what the machine should have. When it runs with something else,
#            a sentence about it is the result. Another one tells of a snapshot that is not in the S3 store, and the last one how
#            long the last restart took.
# TOKEN      stands for the agent token, which token.sh has written: when it changes, Pulumi runs this script, and the
#            script finds another token than RKE2 was started with.
# REGISTRIES stands for the content of registries.yaml, which registries.sh has written, in the same way. Without it the
#            file is removed, and the argument is empty where another one follows.
# STORE      `required` where the S3 store has to take the snapshot before the change. It is no file of the node, so that
#            another value restarts nothing.
# shellcheck source=src/rke2/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=src/rke2/scripts/drain.sh
. "$(dirname "$0")/drain.sh"
# shellcheck source=src/rke2/scripts/unsupported.sh
. "$(dirname "$0")/unsupported.sh"
# shellcheck source=src/rke2/scripts/taints.sh
. "$(dirname "$0")/taints.sh"
# shellcheck source=src/rke2/scripts/let-go.sh
. "$(dirname "$0")/let-go.sh"
# shellcheck source=src/rke2/scripts/members.sh
. "$(dirname "$0")/members.sh"
# shellcheck source=src/rke2/scripts/save-snapshot.sh
. "$(dirname "$0")/save-snapshot.sh"
# shellcheck source=src/rke2/scripts/size.sh
. "$(dirname "$0")/size.sh"
# shellcheck source=src/rke2/scripts/certificates.sh
. "$(dirname "$0")/certificates.sh"
# How long the last restart of RKE2 took, with the drain and all waits.
readonly RESTART_SECONDS=$STATE/restart-seconds

begin converge "$1"
role=$2 version=$3 cpus=$4 gib=$5 disk=$6 drain=$7 grace=$8 registries=${10:-} store=${11:-}

leave_service() {
  if ! within 10 works "$role"; then
    # Its etcd may have a vote although RKE2 does not work.
    if [ "$role" = server ]; then
      refuse_ended_certificates
      if list_members >/dev/null 2>&1; then refuse_loss_of_quorum; fi
      if has_lost_quorum; then
        fail "etcd has no quorum, so nothing was changed; bring the other servers back first"
      fi
    fi
    # After an earlier attempt that failed, RKE2 can only be repaired: no snapshot and no drain work.
    say "RKE2 does not work on this node, so no snapshot is taken and the node is not drained"
    return
  fi
  refuse_other_taints
  if [ "$role" = server ]; then
    refuse_loss_of_quorum
    save_snapshot "$store"
  fi
  drain_node "$drain" "$grace"
  if [ "$role" = server ]; then
    if ! within 30 can_still_leave; then
      uncordon_node
      fail "another member of etcd has failed since the drain began, so nothing was changed; repair that server first"
    fi
    hand_over_leadership
  fi
  let_go_of_address
}

converge() {
  local begun=$SECONDS
  leave_service
  change_to "$version"
  rotate_certificates "$role"
  say "restarting RKE2"
  start_rke2 "$role"
  gate "$role" "$version"
  if [ "$role" = server ]; then wait_for 300 "the other members of etcd to answer" is_settled "$well_before"; fi
  offer_to_hold_address
  uncordon_node
  record_applied "$version"
  rm -f "$ROTATED"
  echo $((SECONDS - begun)) >"$RESTART_SECONDS"
  forget_old_releases || say "the tarballs of old releases in $STATE/releases cannot be deleted"
  say "runs $version with the wanted configuration"
}

receive_bundle
# Also after a restore that was asked for earlier: it has brought the older minor to this node, or the node is refused.
refuse_version_jump "$version"
refuse_network_change
if [ -z "$registries" ]; then rm -f "$REGISTRIES"; fi
changed=$(files_that_differ)
# A restore that goes back to the older minor has written the files, and makes no certificates anew.
if is_applied "$version" && [ -z "$changed" ] && has_wanted_certificates; then
  # An earlier run may have been stopped while it drained the node for a change that is no longer wanted.
  if works "$role"; then uncordon_node; fi
  say "nothing to do"
else
  if is_applied "$version" && [ -n "$changed" ]; then say "differs from what this program has written: $changed"; fi
  converge
fi
# Workers of a cluster that is older than its agent token have registered with the server token.
if [ "$role" = agent ]; then rm -f "$RKE2_CONFIG/token"; fi
report_not_stored
report_pending_size "$cpus" "$gib" "$disk"
# src/rke2/restart-time.ts reads it: the next preview says how long the node may take.
if [ -f "$RESTART_SECONDS" ]; then echo "the last restart took $(cat "$RESTART_SECONDS") s"; fi
