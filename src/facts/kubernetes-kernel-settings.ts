/** What Kubernetes needs of the kernel at the least; the stack file may ask for more. */
export const kubernetesKernelSettings = {
	// Many containers watch files: https://docs.rke2.io/install/requirements
	"fs.inotify.max_user_instances": 8192,
	"fs.inotify.max_user_watches": 524_288,
	// A hardened image may have it off; a node without it routes no pod traffic.
	"net.ipv4.ip_forward": 1,
};
