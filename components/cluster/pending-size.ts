import * as pulumi from "@pulumi/pulumi";

/**
 * Warns of machines that run with other CPUs or memory than they should: converge.sh says so on its standard output. To be
 * bound to the convergence of each node. It is called only when that has run, so that nothing is said again from the state;
 * what a command writes itself, the CLI shows in passing and does not keep.
 *
 * @param name unique in the program
 */
export function warnOfPendingSize(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newOutputs }) => {
		const { stdout } = newOutputs ?? {};
		if (typeof stdout === "string" && stdout !== "") {
			await pulumi.log.warn(stdout);
		}
	});
}
