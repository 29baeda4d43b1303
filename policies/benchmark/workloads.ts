/** Section 5: what runs in the cluster, and who may do what in it. */
import type { Section } from "./control.ts";

export const workloads = {
	"5.1.1": {
		title: "cluster-admin is granted only where it has to be",
		level: 1,
	},
	"5.1.2": { title: "Few may read Secrets", level: 1 },
	"5.1.3": { title: "Roles use no wildcards", level: 1 },
	"5.1.4": { title: "Few may create pods", level: 1 },
	"5.1.5": {
		title: "Nothing runs as the default ServiceAccount",
		level: 1,
	},
	"5.1.6": {
		title: "Tokens are mounted only where they are needed",
		level: 1,
	},
	"5.1.7": {
		title: "No subject is put into the group system:masters",
		level: 1,
	},
	"5.1.8": {
		title: "Few may bind, impersonate or escalate",
		level: 1,
	},
	"5.1.9": { title: "Few may create persistent volumes", level: 1 },
	"5.1.10": { title: "Few may use the proxy of nodes", level: 1 },
	"5.1.11": { title: "Few may approve certificates", level: 1 },
	"5.1.12": { title: "Few may change admission webhooks", level: 1 },
	"5.1.13": {
		title: "Few may create tokens of ServiceAccounts",
		level: 1,
	},
	"5.2.1": {
		title: "Pods pass an admission control for their security",
		level: 1,
	},
	"5.2.2": {
		title: "No privileged containers",
		level: 1,
	},
	"5.2.3": {
		title: "No containers in the host's process namespace",
		level: 1,
	},
	"5.2.4": {
		title: "No containers in the host's IPC namespace",
		level: 1,
	},
	"5.2.5": {
		title: "No containers in the host's network namespace",
		level: 1,
	},
	"5.2.6": {
		title: "No containers that gain privileges",
		level: 1,
	},
	"5.2.7": { title: "No containers that run as root", level: 2 },
	"5.2.8": { title: "No containers that forge packets", level: 1 },
	"5.2.9": {
		title: "No containers with capabilities assigned",
		level: 2,
	},
	"5.2.10": {
		title: "No Windows HostProcess containers",
		level: 1,
	},
	"5.2.11": {
		title: "No hostPath volumes",
		level: 1,
	},
	"5.2.12": { title: "No host ports", level: 1 },
	"5.3.1": { title: "The container network enforces network policies", level: 1 },
	"5.3.2": { title: "Every namespace has network policies", level: 2 },
	"5.4.1": {
		title: "Secrets are mounted as files, not passed as environment",
		level: 2,
	},
	"5.4.2": {
		title: "Secrets may be kept outside the cluster",
		level: 2,
		decidedBy: { person: "Decide whether an external store should hold the secrets of the workloads." },
	},
	"5.5.1": {
		title: "Only images of known origin run",
		level: 2,
		decidedBy: { person: "Decide whose signatures to require, and run an admission controller that verifies them." },
	},
	"5.6.1": {
		title: "Namespaces separate what belongs to different people",
		level: 1,
		decidedBy: { person: "Review whether the namespaces of the stack file still match the teams and their workloads." },
	},
	"5.6.2": { title: "Pods run under a seccomp profile", level: 2 },
	"5.6.3": {
		title: "Pods and containers have a security context",
		level: 2,
	},
	"5.6.4": {
		title: "The namespace default stays empty",
		level: 2,
	},
} satisfies Section;
