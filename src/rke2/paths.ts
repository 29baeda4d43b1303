/** Where things lie on a node. The scripts in scripts/ know the same places. */
export const paths = {
	config: "/etc/rancher/rke2/config.yaml",
	/** The server token, on servers alone. */
	token: "/etc/rancher/rke2/token",
	/** The token by which workers register; servers have it to recognize them. */
	agentToken: "/etc/rancher/rke2/agent-token",
	auditPolicy: "/etc/rancher/rke2/audit-policy.yaml",
	admission: "/etc/rancher/rke2/admission.yaml",
	authentication: "/etc/rancher/rke2/authentication.yaml",
	registryAuthorities: "/etc/rancher/rke2/registry-authorities",
	/** What pods ask for names, in place of the node's own. */
	resolver: "/etc/rancher/rke2/resolv.conf",
	/** RKE2 applies what lies here; every server holds the same, so that any of them can start first. */
	manifests: "/var/lib/rancher/rke2/server/manifests",
	/** Who may register with a server: made from the two tokens when it starts. */
	passwords: "/var/lib/rancher/rke2/server/cred/passwd",
	passwordsDropIn: "/etc/systemd/system/rke2-server.service.d/50-passwords.conf",
	/** Identity of the node's kubelet, and the cluster's authority. */
	agent: "/var/lib/rancher/rke2/agent",
	/** Read by keepalived, where it holds the API's address. */
	keepalived: "/etc/keepalived/keepalived.conf",
	/** Read by udev for the overlay's device. */
	overlayLink: "/etc/systemd/network/10-rke2-lab-overlay.link",
	toolkit: "/usr/local/lib/rke2-lab",
} as const;
