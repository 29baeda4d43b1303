import { configKeys } from "../../src/rke2/keys.ts";
import { nodeFiles, remoteCommand, rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Static pods of the kubelet, and manifests in another form than YAML. */
const unread = [/^\/var\/lib\/rancher\/rke2\/agent\/pod-manifests\//, /\/server\/manifests\/.*(?<!\.ya?ml)$/];

/** RKE2 ignores a key that it does not know, with a warning: `profle: cis` starts a node without any hardening. */
export const rke2KnownKeys: ResourceRule = {
	name: "rke2-known-keys",
	description:
		"The RKE2 configuration holds only keys that RKE2 knows for the role of the node, and nothing beside it escapes the rules.",
	severity: "high",
	evidence: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Correct the key; the known ones are in src/rke2/keys.ts.",
	url: "https://docs.rke2.io/reference/server_config",
	type: remoteCommand,
	concerned: rke2ConfigOf,

	checkResource(resource, report) {
		for (const { path } of nodeFiles(resource)) {
			if (unread.some((place) => place.test(path))) {
				report(
					`${resource.name} sends ${path}, which RKE2 acts on and no rule reads; send a manifest in YAML instead.`,
				);
			}
		}
		const config = rke2ConfigOf(resource);
		for (const { path, keys } of config?.files ?? []) {
			if (!keys) {
				report(`${path} in ${resource.name} is not a YAML mapping; RKE2 exits on it.`);
				continue;
			}
			// In a drop-in `key+` appends to what an earlier file has under the key.
			const unknown = Object.keys(keys).filter((key) => !configKeys[config!.role].has(key.replace(/\+$/, "")));
			if (unknown.length > 0) {
				report(
					`${path} in ${resource.name} has ${unknown.join(", ")}, which an RKE2 ${config!.role} does not know and ignores; correct or remove it.`,
				);
			}
		}
	},
};
