import * as pulumi from "@pulumi/pulumi";
import { parseBundle } from "../../src/rke2/bundle.ts";
import { type NodeState, unsupportedChanges } from "../../src/rke2/unsupported-changes.ts";

/**
 * Refuses what a running cluster does not support: in a preview, and in an `up` before the node is touched. To be bound to
 * the convergence of each node, whose last inputs say what the node runs: a change that failed is not among them.
 *
 * @param name unique in the program; the engine names it in front of the sentences
 */
export function refuseUnsupportedChanges(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		({ oldInputs, newInputs }) => {
			const [runs, wanted] = [nodeStateIn(oldInputs), nodeStateIn(newInputs)];
			const refused = runs && wanted ? unsupportedChanges(runs, wanted) : [];
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
		},
		{ onDryRun: true },
	);
}

/**
 * What the inputs of converge.ts say.
 *
 * @returns nothing where they are secret, unknown or of another form: then the node itself is asked, during `up`
 */
function nodeStateIn(inputs: Record<string, unknown> | undefined): NodeState | undefined {
	const { create, stdin } = inputs ?? {};
	if (typeof create !== "string" || typeof stdin !== "string") {
		return undefined;
	}
	const version = create.split(" ").find((word) => /^v[\d.]+\+rke2r\d+$/.test(word));
	return version === undefined ? undefined : { version, files: parseBundle(stdin) };
}
