import type { StackConfig } from "../../src/config/schema/stack.ts";

/** Arguments for `ssh` to log in on a node with the rehearsal's own key. */
export function sshArguments({ nodes, ssh }: StackConfig, node: string, identity: string): string[] {
	const machine = nodes[node];
	if (!machine) {
		throw new Error(`There is no node ${node}; the stack has ${Object.keys(nodes).join(", ")}.`);
	}
	const options = {
		IdentityFile: identity,
		IdentitiesOnly: "yes",
		// The program pins host keys. This login does not need to, because no other computer reaches this network.
		StrictHostKeyChecking: "no",
		UserKnownHostsFile: "/dev/null",
		LogLevel: "ERROR",
		ConnectTimeout: "5",
	};
	return [
		...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
		`${ssh.user}@${machine.address}`,
	];
}
