/**
 * The controls of the benchmark that the pack decides, and which rule decides each.
 *
 * Numbers differ between versions of the benchmark (what v1.8 calls 5.7.4 is 5.6.4 here), so an id means nothing without
 * the version. Numbering as in RKE2's own guide: https://docs.rke2.io/security/cis_self_assessment112
 */

export const benchmark = { name: "CIS Kubernetes", version: "v1.12" } as const;

export interface Control {
	/** What the control asks for, in our words. */
	title: string;
	/** Profile level of the benchmark: 1 is the base, 2 is defence in depth. */
	level: 1 | 2;
	decidedBy: {
		/** Name of a rule of the pack. */
		policy: string;
	};
}

/** By control id, in the order of the benchmark. */
export const controls: Readonly<Record<string, Control>> = {
	"1.2.16": { title: "The API server writes an audit log", level: 1, decidedBy: { policy: "rke2-profile-cis" } },
	"3.2.1": { title: "An audit policy exists", level: 1, decidedBy: { policy: "rke2-profile-cis" } },
	"3.2.2": { title: "The audit policy records what matters", level: 2, decidedBy: { policy: "rke2-audit-policy" } },
	"5.2.1": {
		title: "Pods pass an admission control for their security",
		level: 1,
		decidedBy: { policy: "rke2-pod-security-admission" },
	},
	"5.2.2": { title: "No privileged containers", level: 1, decidedBy: { policy: "kubernetes-pod-security" } },
	"5.2.3": {
		title: "No containers in the host's process namespace",
		level: 1,
		decidedBy: { policy: "kubernetes-pod-security" },
	},
	"5.2.4": {
		title: "No containers in the host's IPC namespace",
		level: 1,
		decidedBy: { policy: "kubernetes-pod-security" },
	},
	"5.2.5": {
		title: "No containers in the host's network namespace",
		level: 1,
		decidedBy: { policy: "kubernetes-pod-security" },
	},
	"5.2.10": { title: "No Windows HostProcess containers", level: 1, decidedBy: { policy: "kubernetes-pod-security" } },
	"5.2.11": { title: "No hostPath volumes", level: 1, decidedBy: { policy: "kubernetes-pod-security" } },
	"5.2.12": { title: "No host ports", level: 1, decidedBy: { policy: "kubernetes-pod-security" } },
	"5.3.2": {
		title: "Every namespace has network policies",
		level: 2,
		decidedBy: { policy: "kubernetes-default-deny" },
	},
};

/** The controls that a rule decides; none for a rule that goes beyond the benchmark. */
export function controlsDecidedBy(policy: string): (Control & { id: string })[] {
	return Object.entries(controls)
		.filter(([, { decidedBy }]) => decidedBy.policy === policy)
		.map(([id, control]) => ({ id, ...control }));
}
