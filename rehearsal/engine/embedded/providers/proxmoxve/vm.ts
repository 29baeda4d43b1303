/** proxmoxve:index/vmLegacy:VmLegacy, with the calls of the real plugin in its order. */

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Incomplete, type Operation, type ResourceType } from "../../resource-type.ts";
import type { Properties } from "../../wire.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";
import { bytes } from "./parameters.ts";
import { type VmInputs, vmInputs } from "./vm-inputs.ts";
import {
	cloudInitParameters,
	configParameters,
	createParameters,
	diskOptions,
	NEEDS_POWER_CYCLE,
	newVolume,
} from "./vm-parameters.ts";

/** Seconds the plugin gives a guest to start or to shut down. */
const POWER_TIMEOUT = 1800;
const POLL_MS = 1000;

export const virtualMachine: ResourceType<VmInputs> = {
	inputs: vmInputs,
	// efiDisk: bpg/terraform-provider-proxmox#1515.
	replaceOn: (_, { migrate }) => [...(migrate ? [] : ["nodeName"]), "vmId", "efiDisk"],
	keepsOutputs: true,

	async create(operation) {
		const { inputs } = operation;
		const vm = new Machine(operation);
		await vm.task(() =>
			vm.client.persistently(() => vm.client.post(`/nodes/${inputs.nodeName}/qemu`, createParameters(inputs))),
		);
		const id = String(inputs.vmId);
		try {
			for (const disk of inputs.disks.filter(({ importFrom }) => importFrom)) {
				await vm.task(() => vm.put("/resize", { disk: disk.interface, size: bytes(disk.size) }));
			}
			await vm.start();
			return { id, outputs: await vm.read() };
		} catch (error) {
			throw new Incomplete(id, (error as Error).message);
		}
	},

	async update(operation) {
		const { inputs, oldInputs } = operation;
		if (inputs.nodeName !== oldInputs.nodeName) {
			throw new Error("Moving a machine to another host is not supported by the embedded host.");
		}
		const vm = new Machine(operation);
		const cloudInitChanged = !isDeepStrictEqual(inputs.initialization, oldInputs.initialization);
		const parameters = {
			...changed(configParameters(oldInputs), configParameters(inputs)),
			...(cloudInitChanged ? cloudInitParameters(inputs) : {}),
		};
		await vm.update(parameters, oldInputs);
		if (cloudInitChanged) {
			await vm.put("/cloudinit");
		}
		const running = (await vm.status()) === "running";
		if (!running) {
			await vm.start();
		}
		if (running && inputs.rebootAfterUpdate && (cloudInitChanged || needsPowerCycle(parameters))) {
			await vm.config();
			await vm.shutDown();
			await vm.start();
		}
		return vm.read();
	},

	async delete(operation) {
		const vm = new Machine(operation);
		if ((await vm.status()) === "running") {
			await vm.config();
			await vm.shutDown();
		}
		const purge = { "destroy-unreferenced-disks": 1, purge: 1 };
		// The plugin's own path ends in a slash.
		await vm.task(() => vm.client.persistently(() => vm.client.delete(`${vm.path}/`, purge)));
		const gone = await vm.status().then(
			() => false,
			() => true,
		);
		if (!gone) {
			throw new Error(`VM ${operation.id} still answers after its deletion.`);
		}
	},
};

class Machine {
	readonly client: ProxmoxClient;
	readonly path: string;
	readonly #operation: Operation<VmInputs>;

	constructor(operation: Operation<VmInputs>) {
		this.client = new ProxmoxClient(operation);
		this.path = `/nodes/${operation.inputs.nodeName}/qemu/${operation.inputs.vmId}`;
		this.#operation = operation;
	}

	config(): Promise<Record<string, string | number>> {
		return this.client.get(`${this.path}/config`);
	}

	put(resource: "/config" | "/cloudinit" | "/resize", parameters: Parameters = {}): Promise<string> {
		return this.client.put(`${this.path}${resource}`, parameters);
	}

	async status(): Promise<string> {
		return (await this.client.get<{ status: string }>(`${this.path}/status/current`)).status;
	}

	async task(begin: () => Promise<string | null>): Promise<void> {
		const upid = await begin();
		if (upid) {
			await this.client.task(this.#operation.inputs.nodeName, upid);
		}
	}

	async start(): Promise<void> {
		await this.status();
		await this.task(() => this.client.post(`${this.path}/status/start`, { timeout: POWER_TIMEOUT }));
		while ((await this.status()) !== "running") {
			await sleep(POLL_MS);
		}
	}

	/** Without an agent the plugin cuts the power instead. */
	async shutDown(): Promise<void> {
		if (!this.#operation.inputs.agent.enabled) {
			return this.task(() => this.client.post(`${this.path}/status/stop`));
		}
		await this.task(() => this.client.post(`${this.path}/status/shutdown`, { forceStop: 1, timeout: POWER_TIMEOUT }));
		while ((await this.status()) !== "stopped") {
			await sleep(POLL_MS);
		}
	}

	/** Writes changed parameters, and all disks as soon as one differs; a changed `importFrom` never imports again. */
	async update(parameters: Parameters, old: VmInputs): Promise<void> {
		const { disks, name } = this.#operation.inputs;
		const config = await this.config();
		const before = new Map(old.disks.map((disk) => [disk.interface, disk]));
		const volume = (disk: VmInputs["disks"][number]) =>
			before.has(disk.interface) ? `file=${String(config[disk.interface]).split(",")[0]}` : newVolume(disk);
		const written = Object.fromEntries(disks.map((disk) => [disk.interface, `${volume(disk)},${diskOptions(disk)}`]));
		const dropped = [...before.keys()].filter((key) => !(key in written));
		const grown = disks.filter((disk) => (before.get(disk.interface)?.size ?? disk.size) !== disk.size);
		const disksChanged = !isDeepStrictEqual(disks.map(withoutSource), old.disks.map(withoutSource));
		const removed = [parameters.delete, ...dropped].filter(Boolean).join(",");
		await this.put("/config", {
			...parameters,
			...(disksChanged ? written : {}),
			name,
			...(removed ? { delete: removed } : {}),
		});
		if (disksChanged) {
			await this.config();
		}
		for (const disk of grown) {
			await this.task(() => this.put("/resize", { disk: disk.interface, size: bytes(disk.size) }));
			await this.put("/config", { [disk.interface]: written[disk.interface] });
		}
	}

	/** What the plugin looks up after every change. */
	async read(): Promise<Properties> {
		const { inputs } = this.#operation;
		const known = await this.client.get<{ vmid: number }[]>("/cluster/resources", { type: "vm" });
		if (!known.some(({ vmid }) => vmid === inputs.vmId)) {
			throw new Error(`VM ${inputs.vmId} is not in the cluster.`);
		}
		const config = await this.config();
		await this.status();
		for (const key of [...inputs.disks.map((disk) => disk.interface), ...(inputs.efiDisk ? ["efidisk0"] : [])]) {
			const volume = String(config[key]).split(",")[0]!;
			const [storage] = volume.split(":");
			await this.client.get(`/nodes/${inputs.nodeName}/storage/${storage}/content/${encodeURIComponent(volume)}`);
		}
		for (const { poolid } of await this.client.get<{ poolid: string }[]>("/pools")) {
			await this.client.get("/pools", { poolid });
		}
		return { ipv4Addresses: [], macAddresses: [], networkInterfaceNames: [] };
	}
}

function withoutSource({ importFrom: _, ...disk }: VmInputs["disks"][number]) {
	return disk;
}

/** Parameters that differ, as the plugin writes them: memory never without balloon, cards gone from every slot. */
function changed(before: Parameters, after: Parameters): Parameters {
	const differs = (key: string) => !isDeepStrictEqual(before[key], after[key]);
	const set = Object.keys(after).filter((key) => after[key] !== undefined && differs(key));
	const gone = Object.keys(before).filter((key) => before[key] !== undefined && after[key] === undefined);
	const removed = gone.flatMap((key) => (key.startsWith("hostpci") ? HOSTPCI_SLOTS : [key]));
	return {
		...Object.fromEntries(set.map((key) => [key, after[key]])),
		...(differs("memory") ? { balloon: after.balloon } : {}),
		...(removed.length > 0 ? { delete: [...new Set(removed)].join(",") } : {}),
	};
}

const HOSTPCI_SLOTS = Array.from({ length: 16 }, (_, slot) => `hostpci${slot}`);

function needsPowerCycle({ delete: gone, ...set }: Parameters): boolean {
	return [...Object.keys(set), ...String(gone ?? "").split(",")].some((key) => NEEDS_POWER_CYCLE.test(key));
}
