/** Section 4: files and components on every node. */
import { nodeFiles, type Section } from "./control.ts";

export const workerNodes = {
	"4.1.1": {
		title: "Only the owner reads the kubelet's service file",
		level: 1,
		decidedBy: { notApplicable: "RKE2 starts the kubelet itself; it is no service of the system." },
	},
	"4.1.2": {
		title: "root owns the kubelet's service file",
		level: 1,
		decidedBy: { notApplicable: "RKE2 starts the kubelet itself; it is no service of the system." },
	},
	"4.1.3": { title: "Only the owner reads kube-proxy's kubeconfig", level: 1, decidedBy: nodeFiles },
	"4.1.4": { title: "root owns kube-proxy's kubeconfig", level: 1, decidedBy: nodeFiles },
	"4.1.5": { title: "Only the owner reads the kubelet's kubeconfig", level: 1, decidedBy: nodeFiles },
	"4.1.6": { title: "root owns the kubelet's kubeconfig", level: 1, decidedBy: nodeFiles },
	"4.1.7": { title: "Only the owner changes the authority of client certificates", level: 1, decidedBy: nodeFiles },
	"4.1.8": { title: "root owns the authority of client certificates", level: 1, decidedBy: nodeFiles },
	"4.1.9": {
		title: "Only the owner reads the kubelet's configuration file",
		level: 1,
		decidedBy: { notApplicable: "RKE2 passes arguments; the kubelet reads no config.yaml." },
	},
	"4.1.10": {
		title: "root owns the kubelet's configuration file",
		level: 1,
		decidedBy: { notApplicable: "RKE2 passes arguments; the kubelet reads no config.yaml." },
	},
	"4.2.1": { title: "The kubelet refuses anonymous requests", level: 1 },
	"4.2.2": {
		title: "The kubelet asks the API server who may do what",
		level: 1,
	},
	"4.2.3": { title: "The kubelet verifies client certificates", level: 1 },
	"4.2.4": {
		title: "The kubelet has no port without authentication",
		level: 1,
	},
	"4.2.5": { title: "Idle connections to containers end", level: 1 },
	"4.2.6": {
		title: "The kubelet keeps the firewall rules that it needs",
		level: 1,
	},
	"4.2.7": {
		title: "The kubelet's host name is not overridden",
		level: 1,
		decidedBy: { notApplicable: "RKE2 always passes the node's name, so that certificates and objects agree on it." },
	},
	"4.2.8": { title: "The kubelet reports enough events", level: 2 },
	"4.2.9": {
		title: "The kubelet serves with a certificate of the cluster",
		level: 1,
	},
	"4.2.10": {
		title: "The kubelet renews its client certificate",
		level: 1,
	},
	"4.2.11": {
		title: "The kubelet renews its serving certificate",
		level: 1,
	},
	"4.2.12": { title: "The kubelet serves with strong ciphers", level: 1 },
	"4.2.13": {
		title: "A pod can start a limited number of processes",
		level: 1,
	},
	"4.2.14": {
		title: "Containers run under the runtime's seccomp profile by default",
		level: 1,
	},
	"4.3.1": {
		title: "kube-proxy's metrics are served on the loopback address",
		level: 1,
	},
} satisfies Section;
