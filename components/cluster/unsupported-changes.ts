import * as pulumi from "@pulumi/pulumi";
import { unsupportedChanges } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";

/**
 * Refuses changes that a running cluster does not support: in a preview, and in `up` before the node changes. Bind the hook to
 * the converge command of each node: its old inputs are those of the last successful run, and so those of the node.
 *
 * @param name unique in the program; the engine prints it before the sentences
 * @param restoring whether the stack file asks for a restore of etcd
 */
export function refuseUnsupportedChanges(name: string, restoring: boolean): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		({ oldInputs, newInputs }) => {
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			const refused = runs && wanted ? unsupportedChanges(runs, wanted, restoring) : [];
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
		},
		{ onDryRun: true },
	);
}
