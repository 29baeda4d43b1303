import { nodeStepName } from "../../../src/facts/resource-names.ts";
import { removeResource } from "../../lib/examples/resources.ts";
import { remoteCommand, rke2ConfigOf } from "../../lib/rke2/files.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { machineOf } from "../../lib/vm/machines.ts";

/** The rules about RKE2's configuration read the files that the program sends. They do not see a node that gets none. */
export const rke2ConfigOnEveryNode: StackRule = {
	name: "rke2-config-on-every-node",
	description: "Every machine of the cluster gets its RKE2 configuration from the program.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-2", "CM-6"] },
	remediation: `Let the node's own command, \`${nodeStepName("<node>", "converge")}\`, carry config.yaml for the role of the node in its standard input.`,
	subject: machines,
	examples: [
		{
			change: "a worker without a configuration",
			apply: removeResource(remoteCommand, "proj-k8sw01-converge"),
			sentence: "No command proj-k8sw01-converge gives the machine the RKE2 configuration of an agent.",
		},
	],

	checkStack(resources, report) {
		const configs = resources.flatMap((resource) => {
			// Ignored changes never reach the node, so that the command does not count.
			const frozen = resource.opts.ignoreChanges.some((path) => ["*", "stdin"].includes(path));
			const config = frozen ? undefined : rke2ConfigOf(resource);
			return config ? [{ command: resource.name, role: config.role }] : [];
		});
		for (const resource of resources) {
			const tags = machineOf(resource)?.tags ?? [];
			const role = tags.includes("control-plane") ? "server" : tags.includes("worker") ? "agent" : undefined;
			const converge = nodeStepName(resource.name, "converge");
			const own = configs.filter(({ command }) => command === converge);
			if (role && !own.some((config) => config.role === role)) {
				report(
					`No command ${converge} gives the machine the RKE2 configuration of ${role === "server" ? "a server" : "an agent"}.`,
					resource,
				);
			}
		}
	},
};
