# shellcheck shell=bash
# Waits for the steps that a new machine does by itself. Source it after lib.sh.

# A machine answers SSH before cloud-init is done: until then cloud-init may hold apt's locks and change what is there.
wait_for_first_boot() {
  local status=0
  if ! command -v cloud-init >/dev/null; then return; fi
  say "waiting for cloud-init to be done"
  timeout 600 cloud-init status --wait </dev/null >/dev/null || status=$?
  case $status in
    # https://docs.cloud-init.io/en/latest/explanation/return_codes.html: 2 is done, with something to look at.
    0 | 2) ;;
    124) fail "gave up after 600 s of waiting for cloud-init; \`cloud-init status --long\` on this node says where it is" ;;
    *) fail "cloud-init failed at the first boot of this machine; \`cloud-init status --long\` on this node says at what" ;;
  esac
}
