import type { Access } from "../auth/access.ts";
import { die } from "../server/errors.ts";
import type { Route } from "../server/router.ts";
import { GiB } from "../sizes.ts";
import type { Tasks } from "../tasks.ts";
import type { Volume, VolumeName, Volumes } from "./volumes.ts";

/**
 * Requires read access to a volume. The VM `forVm` may use its own disks. Disks of another VM need Datastore.Audit, and
 * VM.Config.Disk on that VM (check_volume_access in pve-storage).
 */
export function requireVolumeAccess(access: Access, volume: VolumeName, forVm?: number): void {
	const path = `/storage/${volume.storage}`;
	if (access.has(path, "Datastore.Allocate")) {
		return;
	}
	if (volume.content !== "images") {
		access.requireAny(path, "Datastore.AllocateSpace", "Datastore.Audit");
	} else if (volume.vmId !== forVm) {
		access.require(path, "Datastore.Audit");
		access.require(`/vms/${volume.vmId}`, "VM.Config.Disk");
	}
}

/** `/nodes/{node}/storage`: the contents of a host's storages. */
export function storageRoutes(volumes: Volumes, tasks: Tasks): Route[] {
	const statusOf = (host: string, name: string) => {
		const storage = volumes.storage(host, name);
		const total = storage.sizeGiB * GiB;
		const used = volumes.usedBytes(host, name);
		return {
			type: storage.type,
			content: storage.content.join(","),
			shared: 0,
			active: 1,
			enabled: 1,
			total,
			used,
			avail: Math.max(0, total - used),
		};
	};
	return [
		{
			method: "GET",
			path: "/nodes/{node}/storage",
			handle({ access, parameters }) {
				const host = parameters.required("node");
				return volumes
					.namesOn(host)
					.filter((name) =>
						["Datastore.Audit", "Datastore.AllocateSpace"].some((one) => access.has(`/storage/${name}`, one)),
					)
					.map((storage) => ({ storage, ...statusOf(host, storage) }));
			},
		},
		{
			method: "GET",
			path: "/nodes/{node}/storage/{storage}/status",
			handle({ access, parameters }) {
				const host = parameters.required("node");
				const name = parameters.required("storage");
				access.requireAny(`/storage/${name}`, "Datastore.Audit", "Datastore.AllocateSpace");
				return statusOf(host, name);
			},
		},
		{
			method: "GET",
			path: "/nodes/{node}/storage/{storage}/content",
			handle({ access, parameters }) {
				const host = parameters.required("node");
				const name = parameters.required("storage");
				access.requireAny(`/storage/${name}`, "Datastore.Audit", "Datastore.AllocateSpace");
				volumes.storage(host, name);
				const content = parameters.optional("content");
				return volumes
					.list(host, name)
					.filter((volume) => content === undefined || volume.content === content)
					.filter((volume) => mayRead(access, volume))
					.map((volume) => ({
						volid: volume.id,
						content: volume.content,
						format: volume.format,
						size: volume.sizeBytes,
						vmid: volume.vmId,
					}));
			},
		},
		{
			method: "GET",
			path: "/nodes/{node}/storage/{storage}/content/{volume*}",
			handle({ access, parameters }) {
				const volume = namedVolume(volumes, parameters.required("node"), parameters);
				requireVolumeAccess(access, volume);
				return {
					path: `/dev/${volume.id}`,
					size: volume.virtualSizeBytes,
					used: volume.sizeBytes,
					format: volume.format,
				};
			},
		},
		{
			method: "DELETE",
			path: "/nodes/{node}/storage/{storage}/content/{volume*}",
			handle({ access, parameters }) {
				const host = parameters.required("node");
				const volume = namedVolume(volumes, host, parameters);
				access.require(`/storage/${volume.storage}`, "Datastore.Allocate");
				const owner = volume.vmId === undefined ? "" : `${volume.vmId}@`;
				return tasks.start({
					host,
					type: "imgdel",
					id: `${owner}${volume.storage}`,
					user: access.user,
					work: () => volumes.free(volume),
				});
			},
		},
	];
}

function namedVolume(volumes: Volumes, host: string, parameters: { required(name: string): string }): Volume {
	const storage = volumes.storage(host, parameters.required("storage")).name;
	const given = parameters.required("volume");
	const id = given.includes(":") ? given : `${storage}:${given}`;
	return volumes.find(host, id) ?? die(`volume_size_info on '${id}' failed - no such volume: it does not exist`);
}

function mayRead(access: Access, volume: Volume): boolean {
	try {
		requireVolumeAccess(access, volume);
		return true;
	} catch {
		return false;
	}
}
