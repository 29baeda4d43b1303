/** The account that the program works through, and host keys that are known beforehand. */

import { systemNames } from "../../facts/system-names.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkSsh(stack: StackConfig): Problem[] {
	return applyRules(stack, checkUser, checkHostKeys);
}

/** Cloud-init would not make the account, and nobody could ever log in on the machines. */
function checkUser({ ssh: { user } }: StackConfig): Problem[] {
	if (!systemNames.has(user)) {
		return [];
	}
	return [
		{
			key: "ssh.user",
			message: `is ${user}, an account or a group that the nodes have already, so cloud-init could not make it; use a name of its own such as ops.`,
		},
	];
}

/** Each is of a machine of this cluster, or it would protect none. */
function checkHostKeys({ nodes, ssh }: StackConfig): Problem[] {
	return Object.keys(ssh.hostKeys)
		.filter((name) => !Object.hasOwn(nodes, name))
		.map((name) => ({
			key: `ssh.hostKeys.${name}`,
			message: `is not in nodes; allowed: ${Object.keys(nodes).join(", ")}.`,
		}));
}
