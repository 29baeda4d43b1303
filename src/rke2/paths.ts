/** Paths on a node. The scripts in scripts/ use the same ones. */
export const paths = {
	config: "/etc/rancher/rke2/config.yaml",
	/** The server token, on servers only. */
	token: "/etc/rancher/rke2/token",
	/** The token by which workers register. Servers need it to check theirs. */
	agentToken: "/etc/rancher/rke2/agent-token",
	auditPolicy: "/etc/rancher/rke2/audit-policy.yaml",
	admission: "/etc/rancher/rke2/admission.yaml",
	authentication: "/etc/rancher/rke2/authentication.yaml",
	registryAuthorities: "/etc/rancher/rke2/registry-authorities",
	/** Name servers of pods, in place of the node's own. */
	resolver: "/etc/rancher/rke2/resolv.conf",
	/** RKE2 applies the manifests in it. Every server has the same ones, so that any of them can start first. */
	manifests: "/var/lib/rancher/rke2/server/manifests",
	/** Passwords by which nodes register with a server, which creates them from the two tokens when it starts. */
	passwords: "/var/lib/rancher/rke2/server/cred/passwd",
	passwordsDropIn: "/etc/systemd/system/rke2-server.service.d/50-passwords.conf",
	/** Certificate and key of the node's kubelet, and the cluster's certificate authority. */
	agent: "/var/lib/rancher/rke2/agent",
	/** Configuration of keepalived, in the mode in which it holds the API's address. */
	keepalived: "/etc/keepalived/keepalived.conf",
	/** udev reads it for the device of the overlay. */
	overlayLink: "/etc/systemd/network/10-rke2-lab-overlay.link",
	toolkit: "/usr/local/lib/rke2-lab",
} as const;
