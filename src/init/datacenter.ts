/** What `npm run init` reads from Proxmox, as far as the token may see it. */
import { type ProxmoxApi, ProxmoxRefusal } from "../proxmox/api.ts";

export interface Datacenter {
	/** Major version. */
	version: number;
	/** Hosts that answer. The sizes are absent where the token may not audit the host. */
	hosts: { name: string; cpus?: number; memoryGiB?: number }[];
	/** Active storages that every host has, with the contents that all of them take. */
	storages: { name: string; content: string[] }[];
	/** Bridges that every host has. The network and the gateway are those of the first host with an address on it. */
	bridges: { name: string; cidr?: string; gateway?: string }[];
	gpus: Gpu[];
	/** Ids of all VMs and containers that the token may see. */
	vmIds: number[];
	/** What the token may not read: one sentence each. */
	unread: string[];
}

export interface Gpu {
	/** Name of the resource mapping, or the one that the program would give it. */
	name: string;
	host: string;
	model: string;
	/** For a card without a mapping, which the program then makes. */
	device?: { path: string; id: string; subsystemId: string; iommuGroup: number };
	/** PCI addresses of other devices in the IOMMU group, which would be passed through too. */
	groupMates: string[];
}

interface PciDevice {
	id: string;
	class: string;
	vendor: string;
	device: string;
	device_name?: string;
	subsystem_vendor?: string;
	subsystem_device?: string;
	iommugroup: number;
}

const GiB = 2 ** 30;

/** @throws ProxmoxRefusal or NoConnection when even the version cannot be read */
export async function readDatacenter(api: ProxmoxApi): Promise<Datacenter> {
	const unread: string[] = [];
	const { version } = await api.get<{ version: string }>("/version");
	const nodes = await api.get<{ node: string; status: string; maxcpu?: number; maxmem?: number }[]>("/nodes");
	const hosts = nodes
		.filter(({ status }) => status === "online")
		.map(({ node, maxcpu, maxmem }) => ({
			name: node,
			...(maxcpu !== undefined && { cpus: maxcpu }),
			...(maxmem !== undefined && { memoryGiB: Math.floor(maxmem / GiB) }),
		}))
		.toSorted((a, b) => a.name.localeCompare(b.name));
	if (hosts.some(({ cpus }) => cpus === undefined)) {
		unread.push("The sizes of the hosts need the privilege Sys.Audit on /nodes.");
	}
	const names = hosts.map(({ name }) => name);
	const [storages, bridges, guests, gpus] = await Promise.all([
		readStorages(api, names),
		readBridges(api, names),
		api.get<{ vmid: number }[]>("/cluster/resources", { type: "vm" }),
		readGpus(api, names, unread),
	]);
	if (storages.length === 0) {
		unread.push("Storages need the privilege Datastore.Audit on /storage.");
	}
	if (bridges.length === 0) {
		unread.push("Bridges need the privilege SDN.Audit on /sdn/zones/localnetwork.");
	}
	const vmIds = guests.map(({ vmid }) => vmid);
	return { version: Number.parseInt(version, 10), hosts, storages, bridges, gpus, vmIds, unread };
}

async function readStorages(api: ProxmoxApi, hosts: readonly string[]): Promise<Datacenter["storages"]> {
	const lists = await Promise.all(
		hosts.map((host) => api.get<{ storage: string; content: string; active?: 0 | 1 }[]>(`/nodes/${host}/storage`)),
	);
	return common(lists.map((list) => list.filter(({ active }) => active !== 0).map(({ storage }) => storage))).map(
		(name) => {
			const contents = lists.map((list) => list.find(({ storage }) => storage === name)!.content.split(","));
			return { name, content: common(contents) };
		},
	);
}

async function readBridges(api: ProxmoxApi, hosts: readonly string[]): Promise<Datacenter["bridges"]> {
	const lists = await Promise.all(
		hosts.map((host) =>
			api.get<{ iface: string; cidr?: string; gateway?: string }[]>(`/nodes/${host}/network`, { type: "any_bridge" }),
		),
	);
	return common(lists.map((list) => list.map(({ iface }) => iface))).map((name) => {
		const addressed = lists.flat().find(({ iface, cidr }) => iface === name && cidr !== undefined);
		return {
			name,
			...(addressed?.cidr && { cidr: addressed.cidr }),
			...(addressed?.gateway && { gateway: addressed.gateway }),
		};
	});
}

async function readGpus(api: ProxmoxApi, hosts: readonly string[], unread: string[]): Promise<Gpu[]> {
	const mappings = await api.get<{ id: string; description?: string; map: string[] }[]>("/cluster/mapping/pci");
	const mapped = mappings.flatMap(({ id, description, map }) =>
		map.map((entry) => {
			const { node = "", path = "" } = Object.fromEntries(entry.split(",").map((part) => part.split("=")));
			return { id, description, host: node, path };
		}),
	);
	try {
		const found = await Promise.all(
			hosts.map(async (host) => {
				const devices = await api.get<PciDevice[]>(`/nodes/${host}/hardware/pci`);
				return devices
					.filter((device) => device.class.startsWith("0x03"))
					.map((device) => gpuOf(host, device, devices, mapped));
			}),
		);
		return found.flat().filter((gpu) => gpu !== undefined);
	} catch (error) {
		if (!(error instanceof ProxmoxRefusal)) {
			throw error;
		}
		unread.push("GPUs without a resource mapping need the privilege Sys.Audit on /.");
		return mapped
			.filter(({ host }) => hosts.includes(host))
			.map(({ id, description, host }) => ({ name: id, host, model: description ?? id, groupMates: [] }));
	}
}

function gpuOf(
	host: string,
	device: PciDevice,
	devices: readonly PciDevice[],
	mapped: readonly { id: string; description?: string | undefined; host: string; path: string }[],
): Gpu | undefined {
	const slot = slotOf(device.id);
	const model = device.device_name ?? `${bare(device.vendor)}:${bare(device.device)}`;
	const groupMates = devices
		.filter(({ id, iommugroup }) => iommugroup === device.iommugroup && slotOf(id) !== slot)
		.map(({ id }) => id);
	const mapping = mapped.find((one) => one.host === host && one.path.split(";").some((path) => slotOf(path) === slot));
	if (mapping) {
		return { name: mapping.id, host, model: mapping.description ?? model, groupMates };
	}
	// Without an IOMMU nothing can be passed through.
	return device.iommugroup < 0 || !device.subsystem_vendor || !device.subsystem_device
		? undefined
		: {
				name: `${host}-${slot.replace(/^0000:/, "").replace(":", "-")}`,
				host,
				model,
				groupMates,
				device: {
					path: slot,
					id: `${bare(device.vendor)}:${bare(device.device)}`,
					subsystemId: `${bare(device.subsystem_vendor)}:${bare(device.subsystem_device)}`,
					iommuGroup: device.iommugroup,
				},
			};
}

/** All functions of a device have one slot: `0000:0b:00`. */
function slotOf(path: string): string {
	return path.replace(/\.[0-7]$/, "");
}

function bare(hexadecimal: string): string {
	return hexadecimal.replace(/^0x/, "");
}

/** Texts that are in every list, in the order of the first. */
function common(lists: readonly string[][]): string[] {
	const [first = [], ...others] = lists;
	return first.filter((one) => others.every((list) => list.includes(one)));
}
