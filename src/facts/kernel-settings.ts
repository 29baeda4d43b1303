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
