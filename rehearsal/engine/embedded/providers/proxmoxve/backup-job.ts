import { z } from "zod";
import type { Parameters } from "./client.ts";
import { bit, propertyString } from "./parameters.ts";
import { plainResource } from "./plain-resource.ts";

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
export const backupJob = plainResource({
	inputs,
	replaceOn: ["resourceId"],
	collection: "/cluster/backup/",
	id: ({ resourceId }) => resourceId,
	identity: ({ resourceId }) => ({ id: resourceId }),
	parameters: (wanted, before) => ({ ...parameters(wanted), delete: before && removed(wanted, before) }),
});

function parameters({ vmids, pruneBackups, enabled, fleecing, notesTemplate, ...job }: Inputs): Parameters {
	const policies = Object.entries(pruneBackups ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return {
		storage: job.storage,
		schedule: job.schedule,
		mode: job.mode,
		enabled: enabled === undefined ? undefined : bit(enabled),
		vmid: vmids.join(","),
		"prune-backups": policies.length > 0 ? propertyString(Object.fromEntries(policies)) : undefined,
		"notes-template": notesTemplate,
		fleecing: fleecing && propertyString({ enabled: bit(fleecing.enabled), storage: fleecing.storage }),
	};
}

/** What is to go. What Proxmox has a default for stays as it was. */
function removed(wanted: Inputs, before: Inputs): string | undefined {
	const gone = [
		...(before.notesTemplate && !wanted.notesTemplate ? ["notes-template"] : []),
		...(before.fleecing && !wanted.fleecing ? ["fleecing"] : []),
	];
	return gone.length > 0 ? gone.join(",") : undefined;
}
