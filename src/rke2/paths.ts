/** Where things lie on a node. The scripts in scripts/ know the same places. */
export const paths = {
	config: "/etc/rancher/rke2/config.yaml",
	token: "/etc/rancher/rke2/token",
	auditPolicy: "/etc/rancher/rke2/audit-policy.yaml",
	admission: "/etc/rancher/rke2/admission.yaml",
	authentication: "/etc/rancher/rke2/authentication.yaml",
	registryAuthorities: "/etc/rancher/rke2/registry-authorities",
	/** What pods ask for names, in place of the node's own. */
	resolver: "/etc/rancher/rke2/resolv.conf",
	/** RKE2 applies what lies here; every server holds the same, so that any of them can start first. */
	manifests: "/var/lib/rancher/rke2/server/manifests",
	/** Identity of the node's kubelet, and the cluster's authority. */
	agent: "/var/lib/rancher/rke2/agent",
	/** Read by keepalived, where it holds the API's address. */
	keepalived: "/etc/keepalived/keepalived.conf",
	toolkit: "/usr/local/lib/rke2-lab",
} as const;
