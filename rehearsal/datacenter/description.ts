/** Describes the datacenter that a stack file expects: hosts, storages, GPUs, mappings made by hand, and the token. */
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

export interface DatacenterDescription {
	version: ProxmoxVersion;
	hosts: HostDescription[];
	mappings: PciMappingDescription[];
	catalogue: CatalogueEntry[];
	token: TokenDescription;
}

const gibibyte = 2 ** 30;

/** @param apiToken token of the program, `user@realm!name=uuid`; it gets exactly the privileges that this stack needs */
export function describeDatacenter(stack: StackConfig, apiToken: string): DatacenterDescription {
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

/** The GPU has the address of the stack file. A GPU with a mapping made by hand has none there, and gets any address. */
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
				const gpu = pciDevices[index];
				if (device || !gpu) {
					return [];
				}
				const map = `id=${gpu.id},iommugroup=${gpu.iommuGroup},node=${host},path=${gpu.path}`;
				return [{ id, description: model, map: [map] }];
			}),
	);
}

/** No machine boots this image. The overlay and the double only have to use the same digest. */
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
