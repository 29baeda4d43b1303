import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import { createServerCertificate } from "../../../../../rehearsal/doubles/proxmox/certificate.ts";
import type {
	AclEntry,
	CatalogueEntry,
	HostDescription,
} from "../../../../../rehearsal/doubles/proxmox/descriptions.ts";
import type { GuestInterface, Hypervisor, MachineSpec } from "../../../../../rehearsal/doubles/proxmox/hypervisor.ts";
import { createProxmox, type Proxmox, type ProxmoxOptions } from "../../../../../rehearsal/doubles/proxmox/proxmox.ts";

/** Machines that are nothing but a note of how they were started. */
class MemoryHypervisor implements Hypervisor {
	readonly running = new Map<number, MachineSpec>();
	readonly cables: { vmId: number; nic: number; up: boolean }[] = [];
	readonly deletedVolumes: string[] = [];
	agentAnswers = true;
	/** In every machine, by path. */
	readonly files: Record<string, string> = {};
	ignoresPowerButton = false;
	#onPowerOff: (vmId: number) => void = () => {};

	async start(spec: MachineSpec): Promise<void> {
		if (this.running.has(spec.vmId)) {
			throw new Error(`machine ${spec.vmId} was started twice`);
		}
		await sleep(5);
		this.running.set(spec.vmId, spec);
	}
	async shutdown(vmId: number): Promise<void> {
		if (this.ignoresPowerButton) {
			throw new Error("the guest did not react");
		}
		this.running.delete(vmId);
	}
	async stop(vmId: number): Promise<void> {
		this.running.delete(vmId);
	}
	async reboot(): Promise<void> {}
	async setLink(vmId: number, nic: number, up: boolean): Promise<void> {
		this.cables.push({ vmId, nic, up });
	}
	isRunning(vmId: number): boolean {
		return this.running.has(vmId);
	}
	async guestInterfaces(vmId: number): Promise<GuestInterface[] | undefined> {
		const spec = this.running.get(vmId);
		if (spec === undefined || !this.agentAnswers) {
			return undefined;
		}
		const [address = "", prefix] = spec.cloudInit.addresses[0]?.cidr.split("/") ?? [];
		const mac = spec.nics[0]?.mac ?? "";
		return [{ name: "eth0", mac, addresses: [{ address, prefix: Number(prefix), family: "ipv4" }] }];
	}
	async guestFile(vmId: number, path: string): Promise<string | undefined> {
		if (!this.running.has(vmId) || !this.agentAnswers) {
			return undefined;
		}
		const content = this.files[path];
		if (content === undefined) {
			throw new Error(`failed to open file '${path}' (mode: 'r'): No such file or directory`);
		}
		return content;
	}
	async deleteVolume(systemVolume: string): Promise<void> {
		this.deletedVolumes.push(systemVolume);
	}
	async growVolume(): Promise<void> {}
	async losePciDevices(): Promise<void> {}
	onPowerOff(listener: (vmId: number) => void): void {
		this.#onPowerOff = listener;
	}
	powerOffFromInside(vmId: number): void {
		this.running.delete(vmId);
		this.#onPowerOff(vmId);
	}
}

export const image: CatalogueEntry = {
	url: "https://images.example.org/debian-13.qcow2",
	sizeBytes: 400 * 2 ** 20,
	virtualSizeBytes: 3 * 2 ** 30,
	checksums: { sha256: "ef".repeat(32), sha512: "ab".repeat(64) },
};

/** The same file elsewhere. */
export const mirroredImage: CatalogueEntry = { ...image, url: "https://mirror.example.org/debian-13.qcow2" };

/** Its next release. */
export const nextImage: CatalogueEntry = {
	...image,
	url: "https://images.example.org/debian-13-next.qcow2",
	checksums: { sha256: "cd".repeat(32) },
};

export function host(name: string, pciDevices: HostDescription["pciDevices"] = []): HostDescription {
	return {
		name,
		cpus: 16,
		memoryMiB: 65536,
		searchDomain: "proxmox.internal",
		bridges: ["vmbr0", "vmbr1"],
		storages: [
			{ name: "local", type: "dir", content: ["iso", "import", "vztmpl"], sizeGiB: 100 },
			{ name: "local-lvm", type: "lvmthin", content: ["images"], sizeGiB: 2000 },
		],
		pciDevices,
	};
}

export const a4000 = {
	path: "0000:0b:00.0",
	id: "10de:24b0",
	subsystemId: "10de:14ad",
	iommuGroup: 21,
};

/** What a program that makes VMs with a mapped GPU needs, and nothing more. */
export const leastPrivileges: AclEntry[] = [
	{
		path: "/vms",
		privileges: [
			...["Allocate", "Audit", "PowerMgmt", "GuestAgent.Audit"].map((name) => `VM.${name}`),
			...["CPU", "Memory", "HWType", "Options", "Disk", "Network", "Cloudinit", "CDROM"].map(
				(name) => `VM.Config.${name}`,
			),
		],
	},
	{ path: "/storage/local-lvm", privileges: ["Datastore.AllocateSpace", "Datastore.Audit"] },
	{ path: "/storage/local", privileges: ["Datastore.AllocateTemplate", "Datastore.Audit", "Datastore.Allocate"] },
	{ path: "/nodes", privileges: ["Sys.AccessNetwork"] },
	{ path: "/sdn/zones/localnetwork/vmbr1/20", privileges: ["SDN.Use"] },
	{ path: "/mapping/pci", privileges: ["Mapping.Use"] },
	{ path: "/", privileges: ["Sys.Modify"], propagate: false },
];

export const token = { id: "pulumi@pve!rke2", secret: "22222222-2222-2222-2222-222222222222" };

interface Reply {
	status: number;
	reason: string;
	// biome-ignore lint/suspicious/noExplicitAny: whatever the API answers, as a client sees it.
	data: any;
	errors: Record<string, string> | undefined;
}

export interface Lab {
	proxmox: Proxmox;
	hypervisor: MemoryHypervisor;
	port: number;
	caPem: string;
	get(path: string): Promise<Reply>;
	post(path: string, parameters?: Record<string, string | string[]>): Promise<Reply>;
	put(path: string, parameters: Record<string, string | string[]>): Promise<Reply>;
	delete(path: string): Promise<Reply>;
	/** Waits for the task of an answer and returns its exit status; an answer that is no task is an error. */
	exitStatus(answer: Promise<Reply>): Promise<string>;
	call(method: string, path: string, body?: string, authorization?: string): Promise<Reply>;
}

const taskTypes = [
	...["qmcreate", "qmstart", "qmstop", "qmshutdown", "qmreboot", "qmdestroy", "qmclone", "qmtemplate", "qmconfig"],
	...["qmsnapshot", "qmdelsnapshot", "resize", "download", "imgdel"],
];

const running: Proxmox[] = [];
afterEach(async () => {
	for (const proxmox of running.splice(0)) {
		await proxmox.close();
	}
});

/**
 * Two hosts, the second with a GPU, and one token with the least privileges; every part can be replaced.
 *
 * @param certificateName name or address in the certificate; with another one, `call` and its short forms do not work
 */
export async function startLab(options: Partial<ProxmoxOptions> = {}, certificateName = "127.0.0.1"): Promise<Lab> {
	const hypervisor = new MemoryHypervisor();
	const proxmox = createProxmox({
		hosts: [host("node01"), host("node02", [a4000])],
		tokens: [{ ...token, userAcl: leastPrivileges }],
		catalogue: [image, mirroredImage, nextImage],
		mappings: [
			{
				id: "rtx-a4000",
				map: ["id=10de:24b0,iommugroup=21,node=node02,path=0000:0b:00.0,subsystem-id=10de:14ad"],
			},
		],
		hypervisor,
		taskDelays: Object.fromEntries(taskTypes.map((type) => [type, 5])),
		...options,
	});
	running.push(proxmox);
	const { caPem, key, cert } = await createServerCertificate(certificateName);
	const port = await proxmox.listen({ address: "127.0.0.1", port: 0, key, cert });

	const agent = new Agent({ keepAlive: true });
	const call = (
		method: string,
		path: string,
		body?: string,
		authorization = `PVEAPIToken=${token.id}=${token.secret}`,
	) =>
		new Promise<Reply>((resolve, reject) => {
			const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
			const url = { host: "127.0.0.1", port, path: `/api2/json${path}`, agent, ca: caPem };
			const sent = request({ ...url, method, headers }, (response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk) => chunks.push(chunk));
				response.on("end", () => {
					const { data, errors } = JSON.parse(Buffer.concat(chunks).toString());
					resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? "", data, errors });
				});
			});
			sent.on("error", reject);
			sent.end(body);
		});
	const exitStatus = async (answer: Promise<Reply>): Promise<string> => {
		const { data: upid, reason } = await answer;
		if (typeof upid !== "string") {
			throw new Error(`no task was started: ${reason}`);
		}
		for (;;) {
			const { data } = await call("GET", `/nodes/${upid.split(":")[1]}/tasks/${encodeURIComponent(upid)}/status`);
			if (data.status === "stopped") {
				return data.exitstatus;
			}
			await sleep(5);
		}
	};
	return {
		proxmox,
		hypervisor,
		port,
		caPem,
		call,
		exitStatus,
		get: (path) => call("GET", path),
		post: (path, parameters = {}) => call("POST", path, form(parameters)),
		put: (path, parameters) => call("PUT", path, form(parameters)),
		delete: (path) => call("DELETE", path),
	};
}

function form(parameters: Record<string, string | string[]>): string {
	const pairs = Object.entries(parameters).flatMap(([name, value]) =>
		[value].flat().map((each): [string, string] => [name, each]),
	);
	return new URLSearchParams(pairs).toString();
}

export function downloadImage(lab: Lab, hostName = "node01"): Promise<string> {
	const { url, checksums } = image;
	return lab.exitStatus(
		lab.post(`/nodes/${hostName}/storage/local/download-url`, {
			content: "import",
			filename: "debian-13.qcow2",
			url,
			checksum: checksums.sha512!,
			"checksum-algorithm": "sha512",
			"verify-certificates": "1",
		}),
	);
}

/** The body that the provider sends for a VM of the cluster (recorded with provider 8.6.0). */
export function vmOptions(vmId: number, extra: Record<string, string> = {}): Record<string, string> {
	return {
		acpi: "1",
		agent: "enabled=1,fstrim_cloned_disks=0,type=virtio",
		balloon: "0",
		bios: "ovmf",
		boot: "order=scsi0;net0",
		ciuser: "ops",
		cores: "8",
		cpu: "host",
		efidisk0: "file=local-lvm:1,format=raw,efitype=4m,pre-enrolled-keys=0",
		ide0: "file=none,media=cdrom",
		ide2: "file=local-lvm:cloudinit,",
		ipconfig0: `gw=10.25.20.1,ip=10.25.20.${vmId - 100}/24`,
		keyboard: "en-us",
		machine: "q35",
		memory: "8192",
		name: `proj-k8sm0${vmId - 103}`,
		nameserver: "10.25.20.3 10.25.10.3",
		net0: "model=virtio,bridge=vmbr1,firewall=0,macaddr=bc:24:11:00:01:04,tag=20",
		numa: "1",
		onboot: "1",
		ostype: "l26",
		protection: "0",
		scsi0:
			"file=local-lvm:0,import-from=local:import/debian-13.qcow2,size=42949672960,aio=io_uring,backup=1,cache=none,discard=on,iothread=1,replicate=1,ssd=1",
		scsihw: "virtio-scsi-single",
		searchdomain: "lab.internal",
		serial0: "socket",
		sockets: "1",
		sshkeys: encodeURIComponent("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ops@lab\nssh-ed25519 BBBB second"),
		startup: "order=2,up=30",
		tablet: "1",
		tags: "rke2;control-plane",
		template: "0",
		vmid: String(vmId),
		...extra,
	};
}

/** A VM as the program makes one: image on its host, created, grown, started. */
export async function createVm(
	lab: Lab,
	vmId = 104,
	hostName = "node01",
	extra: Record<string, string> = {},
): Promise<string> {
	const qemu = `/nodes/${hostName}/qemu`;
	await downloadImage(lab, hostName);
	const created = await lab.exitStatus(lab.post(qemu, vmOptions(vmId, extra)));
	if (created !== "OK") {
		throw new Error(created);
	}
	await lab.exitStatus(lab.put(`${qemu}/${vmId}/resize`, { disk: "scsi0", size: String(40 * 2 ** 30) }));
	return lab.exitStatus(lab.post(`${qemu}/${vmId}/status/start`, { timeout: "1800" }));
}
