/** What Proxmox keeps running, and where, with the calls of the real plugin in its order. */
import { z } from "zod";
import type { ResourceType } from "../../resource-type.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";

const resourceInputs = z.strictObject({
	resourceId: z.string().regex(/^vm:\d+$/),
	state: z.enum(["started", "stopped", "enabled", "disabled", "ignored"]).default("started"),
});

/** proxmoxve:index/haresource:Haresource, of a machine. */
export const haResource: ResourceType<z.output<typeof resourceInputs>> = {
	inputs: resourceInputs,
	// The plugin replaces nothing by itself; another id would be written into the old resource.
	replaceOn: [],
	keepsOutputs: true,

	async create(operation) {
		const { resourceId: sid, state } = operation.inputs;
		const client = new ProxmoxClient(operation);
		await client.post("/cluster/ha/resources", { sid, type: "vm", state });
		await client.get(`/cluster/ha/resources/${sid}`);
		return { id: sid, outputs: { type: "vm" } };
	},

	async update(operation) {
		const client = new ProxmoxClient(operation);
		await client.put(`/cluster/ha/resources/${operation.id}`, { state: operation.inputs.state });
		await client.get(`/cluster/ha/resources/${operation.id}`);
		return { type: "vm" };
	},

	async delete(operation) {
		await new ProxmoxClient(operation).delete(`/cluster/ha/resources/${operation.id}`);
	},
};

const ruleInputs = z.strictObject({
	rule: z.string(),
	type: z.enum(["node-affinity", "resource-affinity"]),
	resources: z.array(z.string()).min(1),
	nodes: z.record(z.string(), z.number()).optional(),
	strict: z.boolean().default(false),
	affinity: z.enum(["positive", "negative"]).optional(),
});
type RuleInputs = z.output<typeof ruleInputs>;

/** proxmoxve:index/harule:Harule */
export const haRule: ResourceType<RuleInputs> = {
	inputs: ruleInputs,
	replaceOn: ["rule", "type"],
	keepsOutputs: true,

	async create(operation) {
		const { rule } = operation.inputs;
		const client = new ProxmoxClient(operation);
		await client.post("/cluster/ha/rules", { rule, ...ruleParameters(operation.inputs) });
		await client.get(`/cluster/ha/rules/${rule}`);
		return { id: rule, outputs: {} };
	},

	async update(operation) {
		const client = new ProxmoxClient(operation);
		await client.put(`/cluster/ha/rules/${operation.id}`, ruleParameters(operation.inputs));
		await client.get(`/cluster/ha/rules/${operation.id}`);
		return {};
	},

	async delete(operation) {
		await new ProxmoxClient(operation).delete(`/cluster/ha/rules/${operation.id}`);
	},
};

function ruleParameters({ type, resources, nodes = {}, strict, affinity }: RuleInputs): Parameters {
	const hosts = Object.entries(nodes).map((host) => host.join(":"));
	return {
		type,
		disable: 0,
		resources: resources.toSorted().join(","),
		...(type === "node-affinity" ? { nodes: hosts.sort().join(","), strict: Number(strict) } : { affinity }),
	};
}
