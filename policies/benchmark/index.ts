/**
 * Every control of the benchmark, and what decides it.
 *
 * Numbers differ between versions of the benchmark (what v1.8 calls 5.7.4 is 5.6.4 here), so an id means nothing without
 * the version. Numbering as in RKE2's own guide: https://docs.rke2.io/security/cis_self_assessment112
 * The guide names no profile levels: those are the benchmark's own.
 */
import type { Control, Section } from "./control.ts";
import { controlPlane } from "./control-plane.ts";
import { etcd } from "./etcd.ts";
import { operation } from "./operation.ts";
import { workerNodes } from "./worker-nodes.ts";
import { workloads } from "./workloads.ts";

export const benchmark = { name: "CIS Kubernetes", version: "v1.12" } as const;

/** All 131, by control id, in the order of the benchmark. */
export const controls: Section = { ...controlPlane, ...etcd, ...operation, ...workerNodes, ...workloads };

/** The controls that a rule decides, alone or with others; none for a rule that goes beyond the benchmark. */
export function controlsDecidedBy(policy: string): (Control & { id: string })[] {
	return Object.entries(controls)
		.filter(([, { decidedBy }]) => "policies" in decidedBy && decidedBy.policies.includes(policy))
		.map(([id, control]) => ({ id, ...control }));
}

/**
 * The profile level from which a rule is required: the lowest of its controls. A rule that goes beyond the benchmark has
 * none.
 */
export function levelOf(policy: string): 1 | 2 | undefined {
	const levels = controlsDecidedBy(policy).map(({ level }) => level);
	return levels.length === 0 ? undefined : levels.includes(1) ? 1 : 2;
}
