/** The result of a control from the live checks. */

import type { Resource } from "../../policies/lib/rules/resource.ts";
import { machineOf, rolesOf } from "../../policies/lib/vm/machines.ts";
import type { Rke2Role } from "../../src/rke2/keys.ts";
import { liveRoles } from "../live/checks.ts";
import type { Finding } from "./finding.ts";

export interface Node {
	/** Its host name. */
	name: string;
	role: Rke2Role;
}

/** The machines among a stack's resources that are nodes of the cluster. */
export function nodesOf(resources: readonly Resource[]): Node[] {
	return resources.flatMap((resource) =>
		rolesOf(machineOf(resource) ?? {}).map(
			(role): Node => ({
				name: resource.name,
				role: role === "control-plane" ? "server" : "agent",
			}),
		),
	);
}

/**
 * A control passes when every node that it applies to has passed, and fails when one node fails.
 *
 * @param live lines of check-node.sh: `<node> <control> <pass|fail|absent> <file or argument> <value found>`
 */
export function byNodes(control: string, nodes: readonly Node[], live = ""): Finding {
	const lines = live.split("\n").filter((line) => line.split(" ")[1] === control);
	const of = (result: string) => lines.filter((line) => line.split(" ")[2] === result);
	const failed = of("fail");
	if (failed.length > 0) {
		return { result: "fail", evidence: failed };
	}
	const roles = liveRoles(control);
	const passed = of("pass");
	const silent = nodes
		.filter(({ role }) => roles.has(role))
		.filter(({ name }) => !passed.some((line) => line.startsWith(`${name} `)));
	if (passed.length === 0 || silent.length > 0) {
		const missing = silent.map(({ name }) => name).join(", ");
		return {
			result: "open",
			evidence: [
				`Run compliance/live/check-node.sh on ${missing || "the nodes"}, which has no result for this control.`,
			],
		};
	}
	return { result: "pass", evidence: passed };
}
