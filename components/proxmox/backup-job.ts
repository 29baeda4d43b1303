import { Job } from "@muhlba91/pulumi-proxmoxve/backup/job.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";

export interface BackupJobArgs {
	backup: NonNullable<StackConfig["proxmox"]["backup"]>;
	/** Name of the cluster; names the job. */
	cluster: string;
	/** Storage of the disks. A backup buffers there what the VM writes during the backup. */
	datastore: string;
	machines: VmLegacy[];
}

/**
 * One backup job for exactly these VMs. It lists them instead of a pool, to which other people may add VMs.
 * https://pve.proxmox.com/pve-docs/chapter-vzdump.html
 */
export class BackupJob extends pulumi.ComponentResource {
	constructor(name: string, args: BackupJobArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:BackupJob", name, {}, opts);
		const { storage, schedule, retention } = args.backup;
		new Job(
			name,
			{
				resourceId: `rke2-${args.cluster}`,
				storage,
				schedule,
				enabled: true,
				mode: "snapshot",
				vmids: pulumi.all(args.machines.map(({ vmId }) => vmId)).apply((ids) => ids.sort((a, b) => a - b).map(String)),
				pruneBackups: pruneOptions(retention),
				notesTemplate: "{{guestname}}",
				// Without it each write of a VM waits for the backup server, and etcd elects a new leader.
				fleecing: { enabled: true, storage: args.datastore },
			},
			{
				parent: this,
				// Proxmox removes a destroyed VM from the list: the list is written again when a VM is recreated.
				replaceOnChanges: ["vmids"],
				deleteBeforeReplace: true,
			},
		);
		this.registerOutputs({});
	}
}

/** As Proxmox writes them: `keep-daily` and the like. */
function pruneOptions(retention: BackupJobArgs["backup"]["retention"]): Record<string, string> {
	const names = {
		keepLast: "keep-last",
		keepDaily: "keep-daily",
		keepWeekly: "keep-weekly",
		keepMonthly: "keep-monthly",
	} as const;
	return Object.fromEntries(
		Object.entries(retention)
			.filter(([, count]) => count !== undefined)
			.map(([key, count]) => [names[key as keyof typeof names], String(count)]),
	);
}
