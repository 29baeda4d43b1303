import { createHash } from "node:crypto";
import type { PciDevice } from "../descriptions.ts";
import { parseProperties } from "../properties.ts";
import { die } from "../server/errors.ts";
import { MiB } from "../sizes.ts";
import { displayedValue } from "./options.ts";
import { emptyFirewall, type VmFirewall } from "./vm-firewall.ts";

export type Configuration = Record<string, string>;

/** Resources of the host that a running or starting VM has. */
export interface Reservation {
	memoryMiB: number;
	devices: PciDevice[];
}

/** The VM at one moment. The content of its disks is not kept. */
export interface Snapshot {
	configuration: Configuration;
	/** In seconds. */
	snaptime: number;
	description?: string | undefined;
	/** Whether the machine's memory is in it. */
	withRam: boolean;
	/** The snapshot before it. */
	parent?: string | undefined;
	/** While Proxmox works on it. */
	snapstate?: "prepare" | "delete";
}

export interface Vm {
	readonly id: number;
	host: string;
	/** Configuration of the running machine, or of the next start. */
	configuration: Configuration;
	/** Changes that wait for a power cycle. `null` removes the option. */
	pending: Record<string, string | null>;
	/** By name, the oldest first. */
	readonly snapshots: Map<string, Snapshot>;
	/** The last snapshot. */
	parent?: string | undefined;
	lock: string | undefined;
	status: "stopped" | "running";
	/** Whether a machine of the hypervisor runs. A VM with a blank disk has none. */
	booted: boolean;
	startedAt: number;
	reservation: Reservation | undefined;
	readonly firewall: VmFirewall;
	/** End of the queue for the VM's configuration lock file. */
	queue: Promise<unknown>;
}

/** Proxmox' timeout for the lock file of a VM's configuration. */
const lockTimeoutMs = 10_000;

export class Vms {
	readonly #vms = new Map<number, Vm>();

	find(id: number): Vm | undefined {
		return this.#vms.get(id);
	}

	/** Throws Proxmox' message for a VM that is not on the host. */
	on(host: string, id: string): Vm {
		const vm = this.#vms.get(Number(id));
		if (vm === undefined || vm.host !== host) {
			die(`Configuration file 'nodes/${host}/qemu-server/${id}.conf' does not exist`);
		}
		return vm;
	}

	all(): Vm[] {
		return [...this.#vms.values()];
	}

	/** Reserves an id with an empty, locked configuration, so that no other request gets it in the meantime. */
	reserve(id: number, host: string): Vm {
		const vm: Vm = {
			id,
			host,
			configuration: {},
			pending: {},
			snapshots: new Map(),
			lock: "create",
			status: "stopped",
			booted: false,
			startedAt: 0,
			reservation: undefined,
			firewall: emptyFirewall(),
			queue: Promise.resolve(),
		};
		this.#vms.set(id, vm);
		return vm;
	}

	delete(vm: Vm): void {
		this.#vms.delete(vm.id);
	}
}

export function assertUnlocked(vm: Vm): void {
	if (vm.lock !== undefined) {
		die(`VM is locked (${vm.lock})`);
	}
}

export function assertUnprotected(vm: Vm, action: string): void {
	if (vm.configuration.protection === "1") {
		die(`${action} - protection mode enabled`);
	}
}

/** Memory in MiB. */
export function memoryOf(configuration: Configuration): number {
	return Number(parseProperties(configuration.memory ?? "512", "current").current);
}

/** The configuration with the pending changes, which the machine gets at its next power cycle. */
export function plannedConfiguration(vm: Vm): Configuration {
	const merged = Object.entries({ ...vm.configuration, ...vm.pending });
	return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The answer of `GET config`. It includes pending changes unless `current` is set. */
export function displayedConfiguration(vm: Vm, current: boolean): Record<string, string | number> {
	const configuration = current ? vm.configuration : plannedConfiguration(vm);
	return {
		digest: digestOf(vm),
		...displayedOptions(configuration),
		...(vm.lock === undefined ? {} : { lock: vm.lock }),
		...(vm.parent === undefined ? {} : { parent: vm.parent }),
	};
}

export function displayedOptions(configuration: Configuration): Record<string, string | number> {
	return Object.fromEntries(
		Object.entries(configuration).map(([option, value]) => [
			option,
			option === "cipassword" ? "**********" : displayedValue(option, value),
		]),
	);
}

export function digestOf(vm: Vm): string {
	return createHash("sha1")
		.update(JSON.stringify([vm.configuration, vm.pending, [...vm.snapshots], vm.parent]))
		.digest("hex");
}

/** Runs work under the lock of the VM's configuration, one after the other, as Proxmox' workers do. */
export async function exclusively<T>(vm: Vm, work: () => T | Promise<T>): Promise<T> {
	const before = vm.queue;
	const turn = Promise.withResolvers<void>();
	vm.queue = before.then(() => turn.promise);
	try {
		await waitForLock(before, vm.id);
		return await work();
	} finally {
		turn.resolve();
	}
}

function waitForLock(before: Promise<unknown>, id: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error(`can't lock file '/var/lock/qemu-server/lock-${id}.conf' - got timeout`)),
			lockTimeoutMs,
		);
		before.then(() => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** The part of a VM's status that is equal in lists and in the VM's own status. */
export function summaryOf(vm: Vm) {
	const { configuration } = vm;
	return {
		vmid: vm.id,
		name: configuration.name ?? `VM ${vm.id}`,
		status: vm.status,
		lock: vm.lock,
		tags: configuration.tags,
		template: 0,
		maxcpu: Number(configuration.cores ?? 1) * Number(configuration.sockets ?? 1),
		maxmem: memoryOf(configuration) * MiB,
		uptime: vm.status === "running" ? Math.floor((Date.now() - vm.startedAt) / 1000) : 0,
	};
}
