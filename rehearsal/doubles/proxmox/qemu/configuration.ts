import type { Hypervisor } from "../hypervisor.ts";
import { die, invalidParameters } from "../server/errors.ts";
import { splitList } from "../server/parameters.ts";
import type { Volume, Volumes } from "../storage/volumes.ts";
import { detachDrive, parseDrive, realizeDrive } from "./drives.ts";
import { canHotplug } from "./hotplug.ts";
import { formatNic, isLinkDown, parseNic } from "./network.ts";
import { exists, isDrive, validateOptions } from "./options.ts";
import { requireDrive, requireOption, requireOptions, type Subject } from "./permissions.ts";
import {
	assertUnlocked,
	assertUnprotected,
	type Configuration,
	digestOf,
	exclusively,
	memoryOf,
	plannedConfiguration,
	type Vm,
} from "./vm.ts";

interface ConfigurationChange {
	options: Configuration;
	/** Options to remove. An option that is not set is ignored. */
	remove: string[];
	digest?: string;
}

/** Makes the checks of Proxmox, takes the VM's lock and changes the configuration: at once where the machine allows it, otherwise as a pending change. */
export async function changeConfiguration(
	vm: Vm,
	subject: Subject,
	change: ConfigurationChange,
	volumes: Volumes,
	hypervisor: Hypervisor,
): Promise<void> {
	const { options, remove, digest } = change;
	if (Object.keys(options).length === 0 && remove.length === 0) {
		die("no options specified");
	}
	validateOptions(options);
	for (const option of remove) {
		if (!exists(option)) {
			invalidParameters({ delete: `unknown option '${option}'` });
		}
		if (option in options) {
			invalidParameters({ delete: `you can't use '-${option}' and -delete ${option}' at the same time` });
		}
		if (!isDrive(option)) {
			requireOption(subject, option, plannedConfiguration(vm)[option]);
		}
	}
	requireOptions(subject, options, volumes);
	assertUnlocked(vm);

	await exclusively(vm, async () => {
		assertUnlocked(vm);
		if (digest !== undefined && digest !== digestOf(vm)) {
			die("checksum mismatch (file change by other user?)");
		}
		assertBallooning(vm, options);
		for (const option of remove) {
			await planRemoval(vm, subject, option, volumes);
		}
		for (const [option, value] of Object.entries(options)) {
			await planChange(vm, subject, option, value, volumes);
		}
		await applyPending(vm, volumes, hypervisor);
	});
}

async function planRemoval(vm: Vm, subject: Subject, option: string, volumes: Volumes): Promise<void> {
	const value = plannedConfiguration(vm)[option];
	if (value === undefined) {
		return;
	}
	if (isDrive(option)) {
		assertUnprotected(vm, `can't remove drive '${option}'`);
		requireDrive(subject, value);
		await dropPendingDrive(vm, option, volumes);
	}
	if (/^unused\d+$/.test(option)) {
		assertUnprotected(vm, `can't remove unused disk '${value}'`);
	}
	vm.pending[option] = null;
	const order = bootOrder(plannedConfiguration(vm).boot);
	if (order.includes(option)) {
		vm.pending.boot = `order=${order.filter((device) => device !== option).join(";")}`;
	}
}

async function planChange(vm: Vm, subject: Subject, option: string, value: string, volumes: Volumes): Promise<void> {
	if (isDrive(option)) {
		for (const drive of [vm.configuration[option], value]) {
			if (drive !== undefined) {
				requireDrive(subject, drive);
			}
		}
		await dropPendingDrive(vm, option, volumes);
		vm.pending[option] = realizeDrive(vm, option, value, volumes).value;
	} else if (option === "boot") {
		const planned = plannedConfiguration(vm);
		const missing = bootOrder(value).find((device) => planned[device] === undefined);
		if (missing !== undefined) {
			die(`invalid bootorder: device '${missing}' does not exist'`);
		}
		vm.pending.boot = value;
	} else {
		vm.pending[option] = canonicalValue(option, value);
	}
	if (vm.pending[option] === vm.configuration[option]) {
		delete vm.pending[option];
	}
}

/** Keeps a pending disk as unused when another change replaces it before it reached the machine. */
async function dropPendingDrive(vm: Vm, option: string, volumes: Volumes): Promise<void> {
	const pending = vm.pending[option];
	const current = vm.configuration[option];
	if (pending == null || (current !== undefined && parseDrive(current).file === parseDrive(pending).file)) {
		return;
	}
	delete vm.pending[option];
	await detachDrive(vm, pending, volumes);
}

/** Applies the pending changes that need no power cycle. A stopped machine needs none for any change. */
export async function applyPending(vm: Vm, volumes: Volumes, hypervisor: Hypervisor): Promise<void> {
	for (const [option, value] of Object.entries(vm.pending)) {
		if (vm.status === "running" && !canHotplug(vm.configuration, option, value)) {
			continue;
		}
		delete vm.pending[option];
		const old = vm.configuration[option];
		if (old !== undefined) {
			await releaseOld(vm, option, old, value, volumes);
		}
		if (value === null) {
			delete vm.configuration[option];
		} else {
			vm.configuration[option] = value;
		}
		if (vm.booted && value !== null) {
			await plugCable(vm, option, old, value, hypervisor);
		}
	}
}

async function releaseOld(vm: Vm, option: string, old: string, value: string | null, volumes: Volumes): Promise<void> {
	if (/^unused\d+$/.test(option)) {
		const volume = volumes.find(vm.host, old);
		if (volume !== undefined) {
			await volumes.free(volume);
		}
	} else if (isDrive(option) && (value === null || parseDrive(value).file !== parseDrive(old).file)) {
		await detachDrive(vm, old, volumes);
	}
}

async function plugCable(
	vm: Vm,
	option: string,
	old: string | undefined,
	value: string,
	hypervisor: Hypervisor,
): Promise<void> {
	const index = /^net(\d+)$/.exec(option)?.[1];
	if (index === undefined || old === undefined) {
		return;
	}
	const down = isLinkDown(parseNic(value));
	if (down !== isLinkDown(parseNic(old))) {
		await hypervisor.setLink(vm.id, Number(index), !down);
	}
}

/** Fills a new VM's configuration. When a disk cannot be made, it frees the volumes that it allocated. */
export async function createConfiguration(vm: Vm, options: Configuration, volumes: Volumes): Promise<void> {
	const allocated: Volume[] = [];
	try {
		for (const [option, value] of Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))) {
			if (isDrive(option)) {
				const drive = realizeDrive(vm, option, value, volumes);
				if (drive.volume !== undefined) {
					allocated.push(drive.volume);
				}
				vm.configuration[option] = drive.value;
			} else {
				vm.configuration[option] = canonicalValue(option, value);
			}
		}
	} catch (error) {
		for (const volume of allocated) {
			await volumes.free(volume);
		}
		throw error;
	}
	if (vm.configuration.template === "0") {
		delete vm.configuration.template;
	}
}

export function bootOrder(boot: string | undefined): string[] {
	return splitList(/(?:^|,)order=([^,]*)/.exec(boot ?? "")?.[1]);
}

function canonicalValue(option: string, value: string): string {
	if (/^net\d+$/.test(option)) {
		return formatNic(parseNic(value));
	}
	if (option === "tags") {
		return [...new Set(splitList(value.toLowerCase()))].sort().join(";");
	}
	return value;
}

function assertBallooning(vm: Vm, options: Configuration): void {
	const planned = { ...plannedConfiguration(vm), ...options };
	if (planned.balloon !== undefined && Number(planned.balloon) > memoryOf(planned)) {
		die("balloon value too large (must be smaller than assigned memory)");
	}
}
