/** The datacenter that a stack file expects to find: its hosts, storages, cards, hand-made mappings and token. */
import { createHash } from "node:crypto";
import { dataDatastore } from "../../src/config/derived/storage.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { proxmoxAccess } from "../../src/proxmox/privileges.ts";
import type {
	CatalogueEntry,
	HostDescription,
	PciDevice,
	PciMappingDescription,
	ProxmoxVersion,
	StorageDescription,
	TokenDescription,
} from "../doubles/proxmox/descriptions.ts";

export interface Datacenter {
	version: ProxmoxVersion;
	hosts: HostDescription[];
	mappings: PciMappingDescription[];
	catalogue: CatalogueEntry[];
	token: TokenDescription;
}

const gibibyte = 2 ** 30;

/** @param apiToken what the program will show, `user@realm!name=uuid`; it gets the privileges that this stack needs and no other */
export function describeDatacenter(stack: StackConfig, apiToken: string): Datacenter {
	const [id = "", secret = ""] = apiToken.split("=");
	return {
		version: stack.proxmox.version,
		hosts: hosts(stack),
		mappings: handMadeMappings(stack),
		catalogue: [image(stack)],
		token: { id, secret, userAcl: proxmoxAccess(stack).grants },
	};
}

function hosts(stack: StackConfig): HostDescription[] {
	const { proxmox, network, gpus } = stack;
	return Object.entries(proxmox.hosts).map(([name, { cpus, memoryGiB }]) => ({
		name,
		cpus,
		memoryMiB: memoryGiB * 1024,
		searchDomain: "proxmox.internal",
		bridges: [network.bridge],
		storages: [
			{ name: proxmox.imageDatastore, type: "dir", content: ["iso", "vztmpl", "import"], sizeGiB: 200 },
			// The lab's smallest hosts have 2 TB of NVMe for their machines; the volumes are thin.
			...[...new Set([proxmox.vmDatastore, dataDatastore(stack)])].map((name): StorageDescription => {
				return { name, type: "lvmthin", content: ["images", "rootdir"], sizeGiB: 2000 };
			}),
		],
		pciDevices: Object.entries(gpus)
			.filter(([, gpu]) => gpu.host === name)
			.map(([mapping, gpu], index) => pciDevice(mapping, gpu, index)),
	}));
}

/** A card that the stack file describes is where it says; one that was mapped by hand is somewhere. */
function pciDevice(mapping: string, { device }: StackConfig["gpus"][string], index: number): PciDevice {
	if (device) {
		const path = device.path.includes(".") ? device.path : `${device.path}.0`;
		return { path, id: device.id, subsystemId: device.subsystemId, iommuGroup: device.iommuGroup };
	}
	const digest = createHash("sha256").update(mapping).digest("hex");
	return { path: `0000:0${index + 1}:00.0`, id: `10de:${digest.slice(0, 4)}`, iommuGroup: 20 + index };
}

function handMadeMappings(stack: StackConfig): PciMappingDescription[] {
	return hosts(stack).flatMap(({ name: host, pciDevices }) =>
		Object.entries(stack.gpus)
			.filter(([, gpu]) => gpu.host === host)
			.flatMap(([id, { device, model }], index) => {
				const card = pciDevices[index];
				if (device || !card) {
					return [];
				}
				const map = `id=${card.id},iommugroup=${card.iommuGroup},node=${host},path=${card.path}`;
				return [{ id, description: model, map: [map] }];
			}),
	);
}

/** No image is booted: the digest only has to be one that the double and the overlay agree on. */
function image({ proxmox }: StackConfig): CatalogueEntry {
	return {
		url: proxmox.image.url,
		sizeBytes: Math.round(0.6 * gibibyte),
		virtualSizeBytes: Math.round(3.5 * gibibyte),
		checksums: { sha256: imageSha256(proxmox.image.url) },
	};
}

export function imageSha256(url: string): string {
	return createHash("sha256").update(url).digest("hex");
}
