import { invalidParameters } from "../server/errors.ts";

/** A rule of high availability. */
export interface HaRule {
	type: "node-affinity" | "resource-affinity";
	/** For example `vm:104`. */
	resources: string[];
	/** Hosts with their priorities. Only a node affinity has them. */
	nodes?: Record<string, number>;
	strict?: boolean;
	/** `positive` or `negative`. Only a resource affinity has it. */
	affinity?: string;
	disable?: boolean;
	comment?: string;
}

/**
 * Throws Proxmox' message for a rule that no placement can fulfil. These are the checks of pve-ha-manager 5.2 for the kinds of
 * rules that a program can create.
 *
 * @param others the other rules
 * @param hosts hosts of the Proxmox cluster
 */
export function assertFeasible(rule: HaRule, others: HaRule[], hosts: string[]): void {
	if (rule.disable) {
		return;
	}
	const related = others.filter(({ disable, resources }) => !disable && common(resources, rule.resources) > 0);
	const placements = related.filter(({ type }) => type === "node-affinity");
	const affinities = related.filter(({ type }) => type === "resource-affinity");
	const problems =
		rule.type === "node-affinity"
			? placementProblems(rule, placements, affinities)
			: affinityProblems(rule, placements, hosts);
	if (problems.length > 0) {
		invalidParameters({ resources: problems.join(", ") });
	}
}

function placementProblems(rule: HaRule, placements: HaRule[], affinities: HaRule[]): string[] {
	return [
		...(placements.length > 0 ? ["resource is already used in another node affinity rule"] : []),
		...(affinities.length > 0 && hasPriorities(rule)
			? ["resources are in a resource affinity rule and cannot be in a node affinity rule with multiple priorities"]
			: []),
		...(affinities.some((affinity) => tooNarrow(affinity, rule))
			? [
					"at least one resource is in a negative resource affinity rule and this rule would restrict these to less nodes than available to the resources",
				]
			: []),
	];
}

function affinityProblems(rule: HaRule, placements: HaRule[], hosts: string[]): string[] {
	return [
		...(rule.resources.length < 2 ? ["rule is ineffective as there are less than two resources"] : []),
		...(rule.affinity === "negative" && rule.resources.length > hosts.length
			? ["rule defines more resources than available nodes"]
			: []),
		...(placements.some(hasPriorities) ? ["resources are in node affinity rules with multiple priorities"] : []),
		...(placements.some((placement) => tooNarrow(rule, placement))
			? ["two or more resources are restricted to less nodes than available to the resources"]
			: []),
	];
}

function tooNarrow({ affinity, resources }: HaRule, placement: HaRule): boolean {
	return affinity === "negative" && common(resources, placement.resources) > Object.keys(placement.nodes ?? {}).length;
}

function hasPriorities({ nodes = {} }: HaRule): boolean {
	return new Set(Object.values(nodes)).size > 1;
}

function common(some: string[], others: string[]): number {
	return some.filter((resource) => others.includes(resource)).length;
}
