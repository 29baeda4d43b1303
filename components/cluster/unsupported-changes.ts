import * as pulumi from "@pulumi/pulumi";
import { parseBundle } from "../../src/rke2/bundle.ts";
import { releaseIn } from "../../src/rke2/release-argument.ts";
import { type NodeState, unsupportedChanges } from "../../src/rke2/unsupported-changes.ts";

/**
 * Refuses changes that a running cluster does not support: in a preview, and in `up` before the node changes. Bind the hook to
 * the converge command of each node: its old inputs are those of the last successful run, and so those of the node.
 *
 * @param name unique in the program; the engine prints it before the sentences
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
 * The version and files in the inputs of converge.ts.
 *
 * @returns nothing when the inputs are secret, unknown or of another form: then the script checks the node itself during `up`
 */
function nodeStateIn(inputs: Record<string, unknown> | undefined): NodeState | undefined {
	const { create, stdin } = inputs ?? {};
	if (typeof create !== "string" || typeof stdin !== "string") {
		return undefined;
	}
	const version = releaseIn(create);
	return version === undefined ? undefined : { version, files: parseBundle(stdin) };
}
