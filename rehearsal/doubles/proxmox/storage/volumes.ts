import type { CatalogueEntry, HostDescription, StorageDescription } from "../descriptions.ts";
import { die } from "../server/errors.ts";

export interface Volume {
	host: string;
	storage: string;
	/** `local-lvm:vm-104-disk-0`, `local:import/debian.qcow2`. */
	id: string;
	content: "images" | "import" | "iso" | "vztmpl";
	format: string;
	/** Size on the storage. */
	sizeBytes: number;
	/** Size of a disk that is made from it. It is larger than the file of a disk image. */
	virtualSizeBytes: number;
	/** The VM that owns it. Downloaded files have none. */
	vmId?: number;
	/** Whether the disk has an operating system. A blank disk does not boot. */
	bootable: boolean;
	/** Catalogue entry of a downloaded file. */
	source?: CatalogueEntry;
}

/** Parts of a volume's id. The volume need not exist. */
export type VolumeName = Pick<Volume, "storage" | "content" | "vmId">;

export function parseVolumeId(id: string): VolumeName {
	const [storage = "", name = ""] = id.split(":");
	const file = /^(import|iso|vztmpl)\//.exec(name)?.[1];
	if (file === "import" || file === "iso" || file === "vztmpl") {
		return { storage, content: file };
	}
	const owner = /(?:vm|base)-(\d+)-/.exec(name)?.[1];
	return { storage, content: "images", vmId: owner === undefined ? undefined : Number(owner) };
}

interface Allocation {
	host: string;
	storage: string;
	vmId: number;
	sizeBytes: number;
	/** Default: `raw`. */
	format?: string;
	/** Default: the first free `vm-<id>-disk-<n>`. */
	name?: string;
	bootable?: boolean;
}

/** The storages of all hosts. The same volume id on two hosts means two volumes. */
export class Volumes {
	readonly #hosts: HostDescription[];
	readonly #volumes = new Map<string, Volume>();
	/** Called for every freed volume. */
	readonly #onFreed: (volume: Volume) => Promise<void>;

	constructor(hosts: HostDescription[], onFreed: (volume: Volume) => Promise<void>) {
		this.#hosts = hosts;
		this.#onFreed = onFreed;
	}

	/** Throws when the host has no storage with this name. */
	storage(host: string, name: string): StorageDescription {
		const known = this.#hosts.flatMap((candidate) =>
			candidate.storages
				.filter((storage) => storage.name === name)
				.map((storage) => ({ host: candidate.name, storage })),
		);
		if (known.length === 0) {
			die(`storage '${name}' does not exist`);
		}
		return (
			known.find((candidate) => candidate.host === host)?.storage ??
			die(`storage '${name}' is not available on node '${host}'`)
		);
	}

	/** Storages of a host. */
	namesOn(host: string): string[] {
		return this.#hosts.find(({ name }) => name === host)?.storages.map(({ name }) => name) ?? [];
	}

	find(host: string, id: string): Volume | undefined {
		return this.#volumes.get(key(host, id));
	}

	get(host: string, id: string): Volume {
		return this.find(host, id) ?? die(`volume '${id}' does not exist`);
	}

	list(host: string, storage: string): Volume[] {
		return this.all().filter((volume) => volume.host === host && volume.storage === storage);
	}

	ownedBy(host: string, vmId: number): Volume[] {
		return this.all().filter((volume) => volume.host === host && volume.vmId === vmId);
	}

	all(): Volume[] {
		return [...this.#volumes.values()];
	}

	usedBytes(host: string, storage: string): number {
		return this.list(host, storage).reduce((sum, volume) => sum + volume.sizeBytes, 0);
	}

	/** Allocates a disk image for a VM. */
	allocate(request: Allocation): Volume {
		const storage = this.storage(request.host, request.storage);
		const format = request.format ?? "raw";
		if (storage.type === "lvmthin" && format !== "raw") {
			die(`unsupported format '${format}'`);
		}
		const id = this.#imageId(request, storage, format);
		if (this.find(request.host, id) !== undefined) {
			die(`lvcreate '${id.split(":")[1]}' error: already exists`);
		}
		const { host, vmId, sizeBytes, bootable = false } = request;
		return this.add({
			host,
			storage: storage.name,
			id,
			content: "images",
			format,
			sizeBytes,
			virtualSizeBytes: sizeBytes,
			vmId,
			bootable,
		});
	}

	add(volume: Volume): Volume {
		this.#volumes.set(key(volume.host, volume.id), volume);
		return volume;
	}

	async free(volume: Volume): Promise<void> {
		if (this.#volumes.delete(key(volume.host, volume.id))) {
			await this.#onFreed(volume);
		}
	}

	#imageId(request: Allocation, storage: StorageDescription, format: string): string {
		const idOf = (name: string): string =>
			storage.type === "dir" ? `${storage.name}:${request.vmId}/${name}.${format}` : `${storage.name}:${name}`;
		if (request.name !== undefined) {
			return idOf(request.name);
		}
		for (let number = 0; ; number++) {
			const id = idOf(`vm-${request.vmId}-disk-${number}`);
			if (this.find(request.host, id) === undefined) {
				return id;
			}
		}
	}
}

function key(host: string, id: string): string {
	return `${host} ${id}`;
}
