/** Resource pools and who is in them, with the calls of the real plugin in its order. */
import { z } from "zod";
import type { ResourceType } from "../../resource-type.ts";
import { ProxmoxClient } from "./client.ts";

const poolInputs = z.strictObject({ poolId: z.string(), comment: z.string().default("") });

/** proxmoxve:index/poolLegacy:PoolLegacy */
export const pool: ResourceType<z.output<typeof poolInputs>> = {
	inputs: poolInputs,
	replaceOn: ["poolId"],
	keepsOutputs: true,

	async create(operation) {
		const { poolId: poolid, comment } = operation.inputs;
		const client = new ProxmoxClient(operation);
		await client.post("/pools", { poolid, comment });
		await client.get("/pools", { poolid });
		return { id: poolid, outputs: {} };
	},

	async update(operation) {
		const client = new ProxmoxClient(operation);
		const query = `/pools?${new URLSearchParams({ poolid: operation.id })}`;
		await client.put(query, { comment: operation.inputs.comment });
		await client.get("/pools", { poolid: operation.id });
		return {};
	},

	async delete(operation) {
		await new ProxmoxClient(operation).delete("/pools", { poolid: operation.id });
	},
};

const membershipInputs = z.strictObject({ poolId: z.string(), vmId: z.number() });

/** proxmoxve:pool/membership:Membership, of a machine. */
export const poolMembership: ResourceType<z.output<typeof membershipInputs>> = {
	inputs: membershipInputs,
	replaceOn: ["poolId", "vmId"],
	keepsOutputs: true,

	async create(operation) {
		const { poolId, vmId } = operation.inputs;
		await new ProxmoxClient(operation).put(`/pools?${new URLSearchParams({ poolid: poolId })}`, {
			"allow-move": 1,
			vms: vmId,
		});
		return { id: `${poolId}/vm/${vmId}`, outputs: { type: "vm" } };
	},

	async update() {
		throw new Error("The plugin changes no membership.");
	},

	async delete(operation) {
		const { poolId, vmId } = operation.inputs;
		await new ProxmoxClient(operation).put(`/pools?${new URLSearchParams({ poolid: poolId })}`, {
			delete: 1,
			vms: vmId,
		});
	},
};
