/** proxmoxve:index/vmLegacy:VmLegacy, with the calls of the real plugin in its order. */

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Incomplete, type Operation, type ResourceType } from "../../resource-type.ts";
import type { Properties } from "../../wire.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";
import {
	bytes,
	cloudInitParameters,
	configParameters,
	createParameters,
	diskOptions,
	NEEDS_POWER_CYCLE,
	type VmInputs,
	vmInputs,
} from "./vm-inputs.ts";

/** Seconds the plugin gives a guest to start or to shut down. */
const POWER_TIMEOUT = 1800;

export const virtualMachine: ResourceType<VmInputs> = {
	inputs: vmInputs,
	// efiDisk: bpg/terraform-provider-proxmox#1515.
	replaceOn: ["nodeName", "vmId", "efiDisk"],
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
			if (inputs.started) await vm.start();
			return { id, outputs: await vm.read() };
		} catch (error) {
			throw new Incomplete(id, (error as Error).message);
		}
	},

	async update(operation) {
		const { inputs, oldInputs } = operation;
		const vm = new Machine(operation);
		const cloudInitChanged = !isDeepStrictEqual(inputs.initialization, oldInputs.initialization);
		const parameters = {
			...changed(configParameters(oldInputs), configParameters(inputs)),
			...(cloudInitChanged ? cloudInitParameters(inputs) : {}),
		};
		await vm.config();
		if (Object.keys(parameters).length > 0) await vm.put("/config", { ...parameters, name: inputs.name });
		if (cloudInitChanged) await vm.put("/cloudinit");
		await vm.updateDisks(oldInputs);
		await vm.status();
		const running = (await vm.status()) === "running";
		await vm.config();
		if (!running) {
			if (inputs.started) await vm.start();
		} else if (
			cloudInitChanged ||
			[...Object.keys(parameters), ...deleted(parameters)].some((key) => NEEDS_POWER_CYCLE.test(key))
		) {
			if (inputs.rebootAfterUpdate) {
				await vm.shutDown();
				await vm.start();
			} else {
				operation.log(
					"warning",
					"A change of the machine waits for a power cycle, because rebootAfterUpdate is false.",
				);
			}
		}
		return vm.read();
	},

	async delete(operation) {
		const vm = new Machine(operation);
		if ((await vm.status()) === "running") await (operation.inputs.stopOnDestroy ? vm.stop() : vm.shutDown());
		const purge = { "destroy-unreferenced-disks": 1, purge: 1 };
		// The plugin's own path ends in a slash.
		await vm.task(() => vm.client.persistently(() => vm.client.delete(`${vm.path}/`, purge)));
		const gone = await vm.status().then(
			() => false,
			() => true,
		);
		if (!gone) throw new Error(`VM ${operation.id} still answers after its deletion.`);
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
		if (upid) await this.client.task(this.#operation.inputs.nodeName, upid);
	}

	async start(): Promise<void> {
		await this.status();
		await this.task(() => this.client.post(`${this.path}/status/start`, { timeout: POWER_TIMEOUT }));
		while ((await this.status()) !== "running") await sleep(1000);
	}

	/** Without an agent the plugin cuts the power instead. */
	async shutDown(): Promise<void> {
		if (!this.#operation.inputs.agent.enabled) return this.stop();
		await this.task(() => this.client.post(`${this.path}/status/shutdown`, { forceStop: 1, timeout: POWER_TIMEOUT }));
	}

	async stop(): Promise<void> {
		await this.task(() => this.client.post(`${this.path}/status/stop`));
	}

	/** Options, growth and removal of disks; a changed `importFrom` never imports again. */
	async updateDisks(old: VmInputs): Promise<void> {
		const { disks } = this.#operation.inputs;
		const volumes = await this.config();
		for (const disk of disks) {
			const before = old.disks.find((each) => each.interface === disk.interface);
			if (!before)
				throw new Error(`Adding the disk ${disk.interface} to an existing VM is not supported by the embedded host.`);
			if (diskOptions(before) === diskOptions(disk)) continue;
			const volume = String(volumes[disk.interface]).split(",")[0];
			const write = () => this.put("/config", { [disk.interface]: `file=${volume},${diskOptions(disk)}` });
			await write();
			if (disk.size !== before.size) {
				await this.task(() => this.put("/resize", { disk: disk.interface, size: bytes(disk.size) }));
				await write();
			}
		}
		const dropped = old.disks.filter((disk) => !disks.some((each) => each.interface === disk.interface));
		if (dropped.length > 0) await this.put("/config", { delete: dropped.map((disk) => disk.interface).join(",") });
	}

	/** What the plugin looks up after every change. */
	async read(): Promise<Properties> {
		const { inputs } = this.#operation;
		const known = await this.client.get<{ vmid: number }[]>("/cluster/resources", { type: "vm" });
		if (!known.some(({ vmid }) => vmid === inputs.vmId)) throw new Error(`VM ${inputs.vmId} is not in the cluster.`);
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
		return this.#guestNetwork();
	}

	/** The plugin waits for a global address, at most `agent.timeout`; running out of time is only a warning. */
	async #guestNetwork(): Promise<Properties> {
		const { agent, started } = this.#operation.inputs;
		const none = { ipv4Addresses: [], macAddresses: [], networkInterfaceNames: [] };
		if (!started || !agent.enabled || agent.waitForIp?.disabled) return none;
		const until = Date.now() + minutes(agent.timeout) * 60_000;
		while (Date.now() < until) {
			const answer = await this.client
				.get<{ result: GuestInterface[] }>(`${this.path}/agent/network-get-interfaces`)
				.catch(() => undefined);
			const nics = answer?.result ?? [];
			const addresses = nics.map((nic) =>
				(nic["ip-addresses"] ?? []).filter((ip) => ip["ip-address-type"] === "ipv4").map((ip) => ip["ip-address"]),
			);
			if (nics.some((nic, index) => nic.name !== "lo" && addresses[index]!.length > 0)) {
				return {
					ipv4Addresses: addresses,
					macAddresses: nics.map((nic) => nic["hardware-address"]),
					networkInterfaceNames: nics.map((nic) => nic.name),
				};
			}
			await sleep(1000);
		}
		this.#operation.log("warning", `The guest agent reported no address within ${agent.timeout}.`);
		return none;
	}
}

interface GuestInterface {
	name: string;
	"hardware-address": string;
	"ip-addresses"?: { "ip-address": string; "ip-address-type": string }[];
}

/** Parameters that differ; those that are gone are named in `delete`, as Proxmox wants it. */
function changed(before: Parameters, after: Parameters): Parameters {
	const set = Object.entries(after).filter(
		([key, value]) => value !== undefined && !isDeepStrictEqual(before[key], value),
	);
	const gone = Object.keys(before).filter((key) => before[key] !== undefined && after[key] === undefined);
	return { ...Object.fromEntries(set), ...(gone.length > 0 ? { delete: gone.join(",") } : {}) };
}

function deleted(parameters: Parameters): string[] {
	return String(parameters.delete ?? "").split(",");
}

function minutes(duration: string): number {
	const match = /^(\d+)(m|s)$/.exec(duration);
	if (!match)
		throw new Error(`agent.timeout is "${duration}"; the embedded host takes minutes or seconds such as 15m or 90s.`);
	return Number(match[1]) / (match[2] === "s" ? 60 : 1);
}
