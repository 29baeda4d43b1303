import * as pulumi from "@pulumi/pulumi";
import { unsupportedChanges } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";

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
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			const refused = runs && wanted ? unsupportedChanges(runs, wanted) : [];
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
		},
		{ onDryRun: true },
	);
}
