/** Kernel settings of every node that the stack file cannot lower or change. */

/**
 * The CIS profile of RKE2 checks these at every start, and exits when one of them differs. The tarball of RKE2 brings the
 * same lines, but RKE2 needs them before they are installed.
 * https://docs.rke2.io/security/hardening_guide
 */
export const cisKernelSettings = {
	"kernel.panic": 10,
	"kernel.panic_on_oops": 1,
	"vm.overcommit_memory": 1,
	"vm.panic_on_oom": 0,
};

/** The minimums of Kubernetes; the stack file may ask for more. */
export const kubernetesKernelSettings = {
	// Many containers watch files: https://docs.rke2.io/install/requirements
	"fs.inotify.max_user_instances": 8192,
	"fs.inotify.max_user_watches": 524_288,
	// A hardened image may switch forwarding off; a node without it routes no pod traffic.
	"net.ipv4.ip_forward": 1,
};

/** Of sizes, limits and times a wrong one makes a node slow, and opens nothing. */
const sizes = [
	"fs.aio-max-nr",
	"fs.file-max",
	"fs.inotify.max_queued_events",
	"fs.nr_open",
	"kernel.keys.maxbytes",
	"kernel.keys.maxkeys",
	"kernel.keys.root_maxbytes",
	"kernel.keys.root_maxkeys",
	"kernel.msgmax",
	"kernel.msgmnb",
	"kernel.msgmni",
	"kernel.numa_balancing",
	"kernel.pid_max",
	"kernel.sem",
	"kernel.shmall",
	"kernel.shmmax",
	"kernel.shmmni",
	"kernel.threads-max",
	"kernel.watchdog_thresh",
	"net.core.busy_poll",
	"net.core.busy_read",
	"net.core.default_qdisc",
	"net.core.netdev_budget",
	"net.core.netdev_budget_usecs",
	"net.core.netdev_max_backlog",
	"net.core.optmem_max",
	"net.core.rmem_default",
	"net.core.rmem_max",
	"net.core.somaxconn",
	"net.core.wmem_default",
	"net.core.wmem_max",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.neigh.default.gc_thresh1",
	"net.ipv4.neigh.default.gc_thresh2",
	"net.ipv4.neigh.default.gc_thresh3",
	"net.ipv4.tcp_congestion_control",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_max_syn_backlog",
	"net.ipv4.tcp_max_tw_buckets",
	"net.ipv4.tcp_mem",
	"net.ipv4.tcp_mtu_probing",
	"net.ipv4.tcp_notsent_lowat",
	"net.ipv4.tcp_retries2",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_tw_reuse",
	"net.ipv4.tcp_wmem",
	"net.ipv4.udp_mem",
	"net.ipv4.udp_rmem_min",
	"net.ipv4.udp_wmem_min",
	"net.netfilter.nf_conntrack_buckets",
	"net.netfilter.nf_conntrack_max",
	"net.netfilter.nf_conntrack_tcp_timeout_close_wait",
	"net.netfilter.nf_conntrack_tcp_timeout_established",
	"net.netfilter.nf_conntrack_tcp_timeout_time_wait",
	"net.netfilter.nf_conntrack_udp_timeout",
	"net.netfilter.nf_conntrack_udp_timeout_stream",
	"vm.dirty_background_bytes",
	"vm.dirty_background_ratio",
	"vm.dirty_bytes",
	"vm.dirty_expire_centisecs",
	"vm.dirty_ratio",
	"vm.dirty_writeback_centisecs",
	"vm.max_map_count",
	"vm.min_free_kbytes",
	"vm.nr_hugepages",
	"vm.swappiness",
	"vm.vfs_cache_pressure",
	"vm.watermark_scale_factor",
	"vm.zone_reclaim_mode",
] as const;

/**
 * Kernel settings that a stack file may have for any node, with the values that weaken nothing; `any` where no value does. The
 * policy pack refuses all others: some settings run a program as root, open a network or switch a protection off.
 * https://docs.kernel.org/admin-guide/sysctl/ and https://docs.kernel.org/networking/ip-sysctl.html
 */
export const tunableKernelSettings: Readonly<Record<string, "any" | readonly number[]>> = {
	...(Object.fromEntries(sizes.map((name) => [name, "any"])) as Record<(typeof sizes)[number], "any">),
	"fs.protected_fifos": [1, 2],
	"fs.protected_hardlinks": [1],
	"fs.protected_regular": [1, 2],
	"fs.protected_symlinks": [1],
	"fs.suid_dumpable": [0],
	"kernel.dmesg_restrict": [1],
	"kernel.kexec_load_disabled": [1],
	"kernel.kptr_restrict": [1, 2],
	"kernel.randomize_va_space": [2],
	"kernel.sysrq": [0],
	"kernel.unprivileged_bpf_disabled": [1, 2],
	"kernel.yama.ptrace_scope": [1, 2, 3],
	"net.core.bpf_jit_harden": [1, 2],
	"net.ipv4.conf.all.accept_redirects": [0],
	"net.ipv4.conf.all.accept_source_route": [0],
	"net.ipv4.conf.all.log_martians": [1],
	"net.ipv4.conf.all.secure_redirects": [0],
	"net.ipv4.conf.all.send_redirects": [0],
	"net.ipv4.conf.default.accept_redirects": [0],
	"net.ipv4.conf.default.accept_source_route": [0],
	"net.ipv4.conf.default.log_martians": [1],
	"net.ipv4.conf.default.secure_redirects": [0],
	"net.ipv4.conf.default.send_redirects": [0],
	"net.ipv4.icmp_echo_ignore_broadcasts": [1],
	"net.ipv4.icmp_ignore_bogus_error_responses": [1],
	"net.ipv4.tcp_syncookies": [1],
};
