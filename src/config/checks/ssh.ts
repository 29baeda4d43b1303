/** Rules for the account of the program on the nodes, and for the names of nodes in `ssh`. */
import { systemNames } from "../../facts/system-names.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkSsh(stack: StackConfig): Problem[] {
	return applyRules(stack, checkUser, checkNodeNames);
}

/** Cloud-init creates no account of such a name, so the program could not log in on the nodes. */
function checkUser({ ssh: { user } }: StackConfig): Problem[] {
	if (!systemNames.has(user)) {
		return [];
	}
	return [
		{
			key: "ssh.user",
			message: `is ${user}, an account or a group that the nodes have already, so cloud-init cannot create it; use another name such as ops.`,
		},
	];
}

/** A host key of an unknown node protects no connection, and an address of one reaches none: its name is a typing error. */
function checkNodeNames({ nodes, ssh }: StackConfig): Problem[] {
	return (["hostKeys", "addresses"] as const).flatMap((key) =>
		Object.keys(ssh[key])
			.filter((name) => !Object.hasOwn(nodes, name))
			.map((name) => ({
				key: `ssh.${key}.${name}`,
				message: `is not in nodes; allowed: ${Object.keys(nodes).join(", ")}.`,
			})),
	);
}
