/** Section 1: files and components of the control plane. */
import { nodeFiles, type Section } from "./control.ts";

export const controlPlane = {
	"1.1.1": { title: "Only the owner reads the API server's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.2": { title: "root owns the API server's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.3": { title: "Only the owner reads the controller manager's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.4": { title: "root owns the controller manager's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.5": { title: "Only the owner reads the scheduler's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.6": { title: "root owns the scheduler's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.7": { title: "Only the owner reads etcd's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.8": { title: "root owns etcd's pod specification", level: 1, decidedBy: nodeFiles },
	"1.1.9": { title: "Only the owner reads the configuration of the container network", level: 1, decidedBy: nodeFiles },
	"1.1.10": { title: "root owns the configuration of the container network", level: 1, decidedBy: nodeFiles },
	"1.1.11": { title: "Only the owner enters etcd's data directory", level: 1, decidedBy: nodeFiles },
	"1.1.12": { title: "The user etcd owns etcd's data directory", level: 1, decidedBy: nodeFiles },
	"1.1.13": { title: "Only the owner reads the administrator's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.14": { title: "root owns the administrator's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.15": { title: "Only the owner reads the scheduler's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.16": { title: "root owns the scheduler's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.17": { title: "Only the owner reads the controller manager's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.18": { title: "root owns the controller manager's kubeconfig", level: 1, decidedBy: nodeFiles },
	"1.1.19": { title: "root owns the certificates and keys of the control plane", level: 1, decidedBy: nodeFiles },
	"1.1.20": { title: "Only the owner changes certificates of the control plane", level: 1, decidedBy: nodeFiles },
	"1.1.21": { title: "Only the owner reads keys of the control plane", level: 1, decidedBy: nodeFiles },
	"1.2.1": {
		title: "The API server refuses anonymous requests",
		level: 1,
	},
	"1.2.2": { title: "No tokens are read from a file", level: 1 },
	"1.2.3": { title: "Services cannot claim external addresses", level: 1 },
	"1.2.4": {
		title: "The API server shows kubelets a client certificate",
		level: 1,
	},
	"1.2.5": {
		title: "The API server verifies the certificates of kubelets",
		level: 1,
	},
	"1.2.6": { title: "The API server does not allow every request", level: 1 },
	"1.2.7": {
		title: "Kubelets are authorized for their own node only",
		level: 1,
	},
	"1.2.8": { title: "Requests are authorized by roles", level: 1 },
	"1.2.9": { title: "The rate of events is limited", level: 1 },
	"1.2.10": { title: "No admission plugin accepts everything", level: 1 },
	"1.2.11": {
		title: "Images are pulled with the credentials of each pod",
		level: 1,
	},
	"1.2.12": { title: "Pods get a ServiceAccount", level: 2 },
	"1.2.13": {
		title: "Objects are created only in namespaces that exist and are not being deleted",
		level: 2,
	},
	"1.2.14": {
		title: "Kubelets change only their own node and its pods",
		level: 2,
	},
	"1.2.15": { title: "The API server offers no profiling", level: 1 },
	"1.2.16": {
		title: "The API server writes an audit log",
		level: 1,
	},
	"1.2.17": {
		title: "Audit logs are kept for 30 days",
		level: 1,
	},
	"1.2.18": {
		title: "Ten audit logs are kept",
		level: 1,
	},
	"1.2.19": {
		title: "Audit logs are rotated at 100 MB",
		level: 1,
	},
	"1.2.20": { title: "Requests have a timeout", level: 1 },
	"1.2.21": {
		title: "Tokens of deleted ServiceAccounts are refused",
		level: 1,
	},
	"1.2.22": {
		title: "Tokens of ServiceAccounts are verified by a key of their own",
		level: 1,
	},
	"1.2.23": {
		title: "The API server shows etcd a client certificate",
		level: 1,
	},
	"1.2.24": { title: "The API is served over TLS", level: 1 },
	"1.2.25": { title: "Client certificates are verified", level: 1 },
	"1.2.26": {
		title: "The API server verifies etcd's certificate",
		level: 1,
	},
	"1.2.27": { title: "Secrets are encrypted in etcd", level: 1 },
	"1.2.28": {
		title: "Secrets are encrypted by a strong provider",
		level: 1,
	},
	"1.2.29": {
		title: "The API is served with strong ciphers",
		level: 1,
	},
	"1.2.30": {
		title: "Tokens of ServiceAccounts are not extended",
		level: 1,
	},
	"1.3.1": { title: "Ended pods are garbage collected", level: 1 },
	"1.3.2": {
		title: "The controller manager offers no profiling",
		level: 1,
	},
	"1.3.3": {
		title: "Each controller has credentials of its own",
		level: 1,
	},
	"1.3.4": {
		title: "Tokens of ServiceAccounts are signed by a key of their own",
		level: 1,
	},
	"1.3.5": {
		title: "Pods are given the authority that signs the API's certificate",
		level: 1,
	},
	"1.3.6": {
		title: "Kubelets renew their serving certificates",
		// Older versions of the benchmark had it at level 2.
		level: 1,
	},
	"1.3.7": {
		title: "The controller manager listens on the loopback address",
		level: 1,
	},
	"1.4.1": { title: "The scheduler offers no profiling", level: 1 },
	"1.4.2": {
		title: "The scheduler listens on the loopback address",
		level: 1,
	},
} satisfies Section;
