/**
 * Every control of the benchmark. Rules name the controls that they decide; the table names the decision of the others.
 *
 * Numbers differ between versions of the benchmark (5.7.4 of v1.8 is 5.6.4 here), so that an id means nothing without the
 * version. Numbering as in RKE2's own guide: https://docs.rke2.io/security/cis_self_assessment112
 * The guide names no profile levels: those are the benchmark's own.
 */
import type { Control } from "./control.ts";
import { controlPlane } from "./control-plane.ts";
import { etcd } from "./etcd.ts";
import { operation } from "./operation.ts";
import { workerNodes } from "./worker-nodes.ts";
import { workloads } from "./workloads.ts";

export const benchmark = { name: "CIS Kubernetes", version: "v1.12" } as const;

const sections = { ...controlPlane, ...etcd, ...operation, ...workerNodes, ...workloads };
export type ControlId = keyof typeof sections;

/** All 131, by control id, in the order of the benchmark. */
export const controls: Readonly<Record<ControlId, Control>> = sections;

/** What decides controls: a rule, as far as the benchmark reads it. */
interface Decider {
	controls: readonly ControlId[];
}

/** The controls that a rule decides, alone or with others, in the order of the benchmark. */
export function controlsOf(rule: Decider): (Control & { id: ControlId })[] {
	return (Object.keys(controls) as ControlId[])
		.filter((id) => rule.controls.includes(id))
		.map((id) => ({ id, ...controls[id] }));
}

/** The controls that the rows of a rule's table name, each once. */
export function controlsIn(rows: readonly { control?: ControlId | undefined }[]): ControlId[] {
	return [...new Set(rows.flatMap(({ control }) => control ?? []))];
}

/**
 * The profile level from which a rule is required: the lowest of its controls. A rule that goes beyond the benchmark has
 * none.
 */
export function levelOf(rule: Decider): 1 | 2 | undefined {
	const levels = controlsOf(rule).map(({ level }) => level);
	return levels.length === 0 ? undefined : levels.includes(1) ? 1 : 2;
}
