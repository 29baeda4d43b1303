/** Resource pools and who is in them, with the calls of the real plugin in its order. */
import { z } from "zod";
import type { ResourceType } from "../../resource-type.ts";
import { ProxmoxClient } from "./client.ts";
import { plainResource } from "./plain-resource.ts";

const pathOf = (poolid: string) => `/pools?${new URLSearchParams({ poolid })}`;

const poolInputs = z.strictObject({ poolId: z.string(), comment: z.string().default("") });

/** proxmoxve:index/poolLegacy:PoolLegacy */
export const pool = plainResource({
	inputs: poolInputs,
	replaceOn: ["poolId"],
	collection: "/pools",
	id: ({ poolId }) => poolId,
	path: pathOf,
	identity: ({ poolId }) => ({ poolid: poolId }),
	parameters: ({ comment }) => ({ comment }),
});

const membershipInputs = z.strictObject({ poolId: z.string(), vmId: z.number() });

/** proxmoxve:pool/membership:Membership, of a machine. */
export const poolMembership: ResourceType<z.output<typeof membershipInputs>> = {
	inputs: membershipInputs,
	replaceOn: ["poolId", "vmId"],
	keepsOutputs: true,

	async create(operation) {
		const { poolId, vmId } = operation.inputs;
		await new ProxmoxClient(operation).put(pathOf(poolId), { "allow-move": 1, vms: vmId });
		return { id: `${poolId}/vm/${vmId}`, outputs: { type: "vm" } };
	},

	async update() {
		throw new Error("The plugin changes no membership.");
	},

	async delete(operation) {
		const { poolId, vmId } = operation.inputs;
		await new ProxmoxClient(operation).put(pathOf(poolId), { delete: 1, vms: vmId });
	},
};
