/** What Proxmox keeps running, and where, with the calls of the real plugin in its order. */
import { z } from "zod";
import type { Parameters } from "./client.ts";
import { bit } from "./parameters.ts";
import { plainResource } from "./plain-resource.ts";

const resourceInputs = z.strictObject({
	resourceId: z.string().regex(/^vm:\d+$/),
	state: z.enum(["started", "stopped", "enabled", "disabled", "ignored"]).default("started"),
});

/** proxmoxve:index/haresource:Haresource, of a machine. */
export const haResource = plainResource({
	inputs: resourceInputs,
	// The plugin replaces nothing by itself; another id would be written into the old resource.
	replaceOn: [],
	collection: "/cluster/ha/resources/",
	id: ({ resourceId }) => resourceId,
	identity: ({ resourceId }) => ({ sid: resourceId, type: "vm" }),
	parameters: ({ state }) => ({ state }),
	outputs: { type: "vm" },
});

const ruleInputs = z.strictObject({
	rule: z.string(),
	type: z.enum(["node-affinity", "resource-affinity"]),
	resources: z.array(z.string()).min(1),
	nodes: z.record(z.string(), z.number()).optional(),
	strict: z.boolean().default(false),
	affinity: z.enum(["positive", "negative"]).optional(),
});

/** proxmoxve:index/harule:Harule */
export const haRule = plainResource({
	inputs: ruleInputs,
	replaceOn: ["rule", "type"],
	collection: "/cluster/ha/rules/",
	id: ({ rule }) => rule,
	identity: ({ rule }) => ({ rule }),
	parameters: ruleParameters,
});

function ruleParameters({ type, resources, nodes = {}, strict, affinity }: z.output<typeof ruleInputs>): Parameters {
	const hosts = Object.entries(nodes).map((host) => host.join(":"));
	return {
		type,
		disable: 0,
		resources: resources.toSorted().join(","),
		...(type === "node-affinity" ? { nodes: hosts.sort().join(","), strict: bit(strict) } : { affinity }),
	};
}
