const configuration = "/etc/rancher/rke2";
const data = "/var/lib/rancher/rke2";

/** Paths on a node. The scripts of a node get those that they need from node-constants.ts. */
export const paths = {
	/** Directories of RKE2: what it reads, and what it writes. */
	configuration,
	data,
	config: `${configuration}/config.yaml`,
	/** The server token, on servers only. */
	token: `${configuration}/token`,
	/** The token by which workers register. Servers need it to check theirs. */
	agentToken: `${configuration}/agent-token`,
	/** Mirrors and credentials of registries. */
	registries: `${configuration}/registries.yaml`,
	auditPolicy: `${configuration}/audit-policy.yaml`,
	admission: `${configuration}/admission.yaml`,
	authentication: `${configuration}/authentication.yaml`,
	registryAuthorities: `${configuration}/registry-authorities`,
	/** Name servers of pods, in place of the node's own. */
	resolver: `${configuration}/resolv.conf`,
	/** Names the rotation of certificates that the node takes part in. Only the scripts of a node read it. */
	certificateRotation: `${configuration}/certificate-rotation`,
	/** RKE2 applies the manifests in it. Every server has the same ones, so that any of them can start first. */
	manifests: `${data}/server/manifests`,
	/** Passwords by which nodes register with a server, which creates them from the two tokens when it starts. */
	passwords: `${data}/server/cred/passwd`,
	passwordsDropIn: "/etc/systemd/system/rke2-server.service.d/50-passwords.conf",
	/** Certificate and key of the node's kubelet, and the cluster's certificate authority. */
	agent: `${data}/agent`,
	/** Configuration of keepalived, in the mode in which it holds the API's address. */
	keepalived: "/etc/keepalived/keepalived.conf",
	/** Settings of unattended-upgrades: which kernels stay. */
	kernelHold: "/etc/apt/apt.conf.d/52rke2-lab-kernel",
	/** udev reads it for the device of the overlay. */
	overlayLink: "/etc/systemd/network/10-rke2-lab-overlay.link",
	/** The scripts of a node. */
	toolkit: "/usr/local/lib/rke2-lab",
	/** What the scripts of a node remember between two runs. */
	state: "/var/lib/rke2-lab",
} as const;
