import type { Access } from "./auth/access.ts";
import { parseProperties } from "./properties.ts";
import { die, invalidParameters } from "./server/errors.ts";
import { type Parameters, splitList } from "./server/parameters.ts";
import type { Route } from "./server/router.ts";

/** The options of a job, as the client gave them. */
export type BackupJob = Record<string, string>;

const properties = [
	...["all", "comment", "compress", "enabled", "exclude", "fleecing", "mailnotification", "mailto", "mode", "node"],
	...["notes-template", "pool", "protected", "prune-backups", "remove", "repeat-missed", "schedule", "storage", "vmid"],
];
const switches = ["all", "enabled", "protected", "remove", "repeat-missed"];

/** Backup jobs. They are stored and checked, but never run. */
export class BackupJobs {
	readonly #jobs = new Map<string, BackupJob>();

	get(id: string): BackupJob {
		return this.#jobs.get(id) ?? invalidParameters({ id: `No such job '${id}'` });
	}

	has(id: string): boolean {
		return this.#jobs.has(id);
	}

	set(id: string, job: BackupJob): void {
		this.#jobs.set(id, job);
	}

	delete(id: string): void {
		this.get(id);
		this.#jobs.delete(id);
	}

	all(): Record<string, BackupJob> {
		return Object.fromEntries(this.#jobs);
	}

	/** Removes a purged VM from the jobs. */
	forgetVm(vmId: number): void {
		for (const job of this.#jobs.values()) {
			if (job.vmid === undefined) {
				continue;
			}
			job.vmid = splitList(job.vmid)
				.filter((id) => Number(id) !== vmId)
				.join(",");
		}
	}
}

/** `/cluster/backup`, as in pve-manager 9.2. Reading needs a privilege of its own. */
export function backupRoutes(jobs: BackupJobs): Route[] {
	return [
		{
			method: "GET",
			path: "/cluster/backup/{id}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Audit");
				const id = parameters.required("id");
				return { id, type: "vzdump", ...displayed(jobs.get(id)) };
			},
		},
		{
			method: "POST",
			path: "/cluster/backup",
			handle({ access, parameters }) {
				access.require("/", "Sys.Modify");
				const id = parameters.required("id");
				const job: BackupJob = { enabled: "1", ...optionsOf(parameters) };
				requireStorages(access, job);
				if (job.schedule === undefined) {
					invalidParameters({ schedule: "neither 'starttime' nor 'schedule' were set" });
				}
				if (jobs.has(id)) {
					die(`Job '${id}' already exists`);
				}
				jobs.set(id, checked(job));
			},
		},
		{
			method: "PUT",
			path: "/cluster/backup/{id}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Modify");
				const id = parameters.required("id");
				const old = jobs.has(id) ? jobs.get(id) : die("no such vzdump job");
				const given = optionsOf(parameters);
				requireStorages(access, old);
				requireStorages(access, { ...old, ...given });
				const removed = splitList(parameters.optional("delete"));
				const kept = Object.entries(old).filter(([name]) => !removed.includes(name));
				jobs.set(id, checked({ ...Object.fromEntries(kept), ...given }));
			},
		},
		{
			method: "DELETE",
			path: "/cluster/backup/{id}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Modify");
				jobs.delete(parameters.required("id"));
			},
		},
	];
}

function optionsOf(parameters: Parameters): BackupJob {
	const given = parameters.except("id", "delete");
	const unknown = Object.keys(given).filter((name) => !properties.includes(name));
	if (unknown.length > 0) {
		const message = "property is not defined in schema and the schema does not allow additional properties";
		invalidParameters(Object.fromEntries(unknown.map((name) => [name, message])));
	}
	return given;
}

/** A job may prune every backup on its storage, and therefore needs the privilege to allocate the storage itself. */
function requireStorages(access: Access, { storage = "local", fleecing, pool }: BackupJob): void {
	access.require(`/storage/${storage}`, "Datastore.Allocate");
	const images = parseProperties(fleecing ?? "", "enabled").storage;
	if (images !== undefined) {
		access.require(`/storage/${images}`, "Datastore.AllocateSpace");
	}
	if (pool !== undefined) {
		access.require(`/pool/${pool}`, "VM.Backup");
	}
}

function checked(job: BackupJob): BackupJob {
	const { all, vmid, pool } = job;
	if (all !== "1" && vmid === undefined && pool === undefined) {
		invalidParameters({ vmid: "property is missing" });
	}
	if (all === "1" && vmid !== undefined) {
		invalidParameters({ all: "option conflicts with option 'vmid'" });
	}
	if (pool !== undefined && vmid !== undefined) {
		invalidParameters({ pool: "option conflicts with option 'vmid'" });
	}
	for (const [policy, count] of Object.entries(parseProperties(job["prune-backups"] ?? "", ""))) {
		if (!/^keep-(all|last|hourly|daily|weekly|monthly|yearly)$/.test(policy) || !/^\d+$/.test(count)) {
			invalidParameters({ "prune-backups": `invalid format - ${policy}=${count}` });
		}
	}
	return job;
}

/** A job as the API answers it: property strings are objects. */
function displayed(job: BackupJob): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(job).map(([name, value]): [string, unknown] => {
			if (switches.includes(name)) {
				return [name, Number(value)];
			}
			if (name === "prune-backups") {
				return [name, parseProperties(value, "")];
			}
			if (name === "fleecing") {
				const { enabled, ...others } = parseProperties(value, "enabled");
				return [name, { enabled: Number(enabled), ...others }];
			}
			return [name, value];
		}),
	);
}
