# shellcheck shell=bash
# Source it after lib.sh. networkd reads what it is told when it starts, which is soon enough: it takes things away then.

# NetworkManager takes every link that appears. On a member it goes on as it is until the next boot, because a reload would
# change links that carry pods: https://docs.rke2.io/known_issues (NetworkManager)
tell_network_manager() {
  if ! is_member && systemctl is-active --quiet NetworkManager.service; then
    systemctl reload NetworkManager.service
  fi
}
