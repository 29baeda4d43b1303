import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";

const inputs = z.strictObject({
	resourceId: z.string(),
	storage: z.string(),
	schedule: z.string(),
	enabled: z.boolean().optional(),
	mode: z.enum(["snapshot", "suspend", "stop"]).optional(),
	vmids: z.array(z.string()),
	pruneBackups: z.record(z.string(), z.string()).optional(),
	notesTemplate: z.string().optional(),
	fleecing: z.strictObject({ enabled: z.boolean(), storage: z.string() }).optional(),
});
type Inputs = z.output<typeof inputs>;

/** proxmoxve:backup/job:Job */
export const backupJob: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["resourceId"],
	keepsOutputs: true,

	async create(operation) {
		const { resourceId } = operation.inputs;
		await new ProxmoxClient(operation).post("/cluster/backup", { id: resourceId, ...parameters(operation.inputs) });
		await read(operation);
		return { id: resourceId, outputs: {} };
	},

	async update(operation) {
		const { inputs: wanted, oldInputs } = operation;
		// What Proxmox has a default for stays as it was.
		const gone = (["notesTemplate", "fleecing"] as const).filter((key) => oldInputs[key] && !wanted[key]);
		const removed = gone.map((key) => (key === "notesTemplate" ? "notes-template" : key));
		await new ProxmoxClient(operation).put(`/cluster/backup/${wanted.resourceId}`, {
			...parameters(wanted),
			delete: removed.length > 0 ? removed.join(",") : undefined,
		});
		await read(operation);
		return {};
	},

	async delete(operation) {
		await new ProxmoxClient(operation).delete(`/cluster/backup/${operation.id}`);
	},
};

async function read(operation: Operation<Inputs>): Promise<void> {
	await new ProxmoxClient(operation).get(`/cluster/backup/${operation.inputs.resourceId}`);
}

function parameters({ vmids, pruneBackups, enabled, fleecing, notesTemplate, ...job }: Inputs): Parameters {
	const policies = Object.entries(pruneBackups ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return {
		storage: job.storage,
		schedule: job.schedule,
		mode: job.mode,
		enabled: enabled === undefined ? undefined : Number(enabled),
		vmid: vmids.join(","),
		"prune-backups": policies.length > 0 ? policies.map((policy) => policy.join("=")).join(",") : undefined,
		"notes-template": notesTemplate,
		fleecing: fleecing && `enabled=${Number(fleecing.enabled)},storage=${fleecing.storage}`,
	};
}
