import * as pulumi from "@pulumi/pulumi";

/**
 * Warns of what a script has to say about a node that goes on all the same, a line each on its standard output: findings of
 * preflight.sh on a member, a size that waits in Proxmox (converge.sh). To be bound to the script's command. It is called
 * only when that has run, so that nothing is said again from the state; what a command writes itself, the CLI shows in
 * passing and does not keep.
 *
 * @param name unique in the program
 */
export function warnOfResult(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newOutputs }) => {
		const { stdout } = newOutputs ?? {};
		if (typeof stdout === "string" && stdout !== "") {
			await pulumi.log.warn(stdout);
		}
	});
}
