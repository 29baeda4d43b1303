import { z } from "zod";
import type { ResourceType } from "../../resource-type.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";

const inputs = z.strictObject({
	name: z.string(),
	comment: z.string().optional(),
	maps: z.array(
		z.strictObject({
			node: z.string(),
			path: z.string(),
			id: z.string(),
			subsystemId: z.string().optional(),
			iommuGroup: z.number().optional(),
		}),
	),
});

type Inputs = z.output<typeof inputs>;

/** proxmoxve:hardware/mapping/pci:Pci: a card of one or more hosts under one name. */
export const pciMapping: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["name"],
	keepsOutputs: true,

	async create(operation) {
		const client = new ProxmoxClient(operation);
		await client.post("/cluster/mapping/pci", { id: operation.inputs.name, ...parameters(operation.inputs) });
		await client.get(`/cluster/mapping/pci/${operation.inputs.name}`);
		return { id: operation.inputs.name, outputs: {} };
	},

	async update(operation) {
		const client = new ProxmoxClient(operation);
		await client.put(`/cluster/mapping/pci/${operation.id}`, parameters(operation.inputs));
		await client.get(`/cluster/mapping/pci/${operation.id}`);
		return {};
	},

	async delete(operation) {
		await new ProxmoxClient(operation).delete(`/cluster/mapping/pci/${operation.id}`);
	},
};

function parameters({ comment, maps }: Inputs): Parameters {
	const fields = (map: Inputs["maps"][number]) => ({
		id: map.id,
		node: map.node,
		path: map.path,
		iommugroup: map.iommuGroup,
		"subsystem-id": map.subsystemId,
	});
	return {
		description: comment,
		map: maps.map((map) =>
			Object.entries(fields(map))
				.filter(([, value]) => value !== undefined)
				.map(([key, value]) => `${key}=${value}`)
				.join(","),
		),
	};
}
