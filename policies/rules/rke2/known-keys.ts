import { configKeys } from "../../../src/rke2/keys.ts";
import { addToConfig, everyNode } from "../../lib/examples/nodes.ts";
import { remoteCommand, rke2ConfigOf } from "../../lib/rke2/files.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { nodeConfigurations } from "../../lib/rules/subjects.ts";

/** Keys of RKE2 that move the files which rules read. */
const moving = ["config", "data-dir"];

/** RKE2 ignores an unknown key, with a warning: `profle: cis` starts a node without any hardening. */
export const rke2KnownKeys: ResourceRule = {
	name: "rke2-known-keys",
	description:
		"The RKE2 configuration has only keys that RKE2 reads for the role of the node, and none that moves its files.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Correct the key; src/rke2/keys.ts lists the keys of RKE2.",
	url: "https://docs.rke2.io/reference/server_config",
	type: remoteCommand,
	subject: nodeConfigurations,
	examples: [
		{
			change: "RKE2's data in another directory",
			apply: addToConfig(everyNode, "data-dir: /data/rke2"),
			sentence:
				"/etc/rancher/rke2/config.yaml in proj-k8sm01-converge has data-dir, which makes RKE2 read files that no rule reads; remove it.",
		},
		{
			change: "a mistyped key",
			apply: addToConfig(everyNode, "node-lable: [zone=a]"),
			sentence:
				"/etc/rancher/rke2/config.yaml in proj-k8sm01-converge has node-lable, which an RKE2 server ignores as unknown; correct or remove it.",
		},
	],

	checkResource(resource, report) {
		const config = rke2ConfigOf(resource);
		for (const { path, keys } of config?.files ?? []) {
			if (!keys) {
				report(`${path} in ${resource.name} is not a YAML mapping; RKE2 exits on it.`);
				continue;
			}
			// In a drop-in `key+` appends to what an earlier file has under the key.
			const names = Object.keys(keys).map((key) => ({ key, name: key.replace(/\+$/, "") }));
			const unknown = names.filter(({ name }) => !configKeys[config!.role].has(name)).map(({ key }) => key);
			if (unknown.length > 0) {
				report(
					`${path} in ${resource.name} has ${unknown.join(", ")}, which an RKE2 ${config!.role} ignores as unknown; correct or remove it.`,
				);
			}
			const moved = names.filter(({ name }) => moving.includes(name)).map(({ key }) => key);
			if (moved.length > 0) {
				report(
					`${path} in ${resource.name} has ${moved.join(", ")}, which makes RKE2 read files that no rule reads; remove it.`,
				);
			}
		}
	},
};
