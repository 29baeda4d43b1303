/** Files of the operating system that RKE2 needs before its first start. */
import type { NodeFile } from "./bundle.ts";

/**
 * What the CIS profile checks at every start and exits without. The tarball brings the same lines, but only after the
 * moment at which they are needed.
 * https://docs.rke2.io/security/hardening_guide
 */
const cisKernelSettings = {
	"kernel.panic": 10,
	"kernel.panic_on_oops": 1,
	"vm.overcommit_memory": 1,
	"vm.panic_on_oom": 0,
};

const kubernetesKernelSettings = {
	// Many containers watch files: https://docs.rke2.io/install/requirements
	"fs.inotify.max_user_instances": 8192,
	"fs.inotify.max_user_watches": 524_288,
	// A hardened image may have it off; a node without it routes no pod traffic.
	"net.ipv4.ip_forward": 1,
};

export function hostFiles(): NodeFile[] {
	const root = { mode: "0644", owner: "root:root" };
	return [
		// Sorts after 60-*, where a hardened image keeps its own.
		{ path: "/etc/sysctl.d/90-rke2-cis.conf", ...root, content: sysctl(cisKernelSettings) },
		{ path: "/etc/sysctl.d/90-rke2-kubernetes.conf", ...root, content: sysctl(kubernetesKernelSettings) },
		{ path: "/etc/modules-load.d/rke2.conf", ...root, content: "br_netfilter\noverlay\n" },
	];
}

function sysctl(settings: Record<string, number>): string {
	return Object.entries(settings)
		.map(([key, value]) => `${key} = ${value}\n`)
		.join("");
}
