import type { HostDescription, ProxmoxVersion } from "../descriptions.ts";
import type { Hypervisor } from "../hypervisor.ts";
import type { PciMappings } from "../mapping.ts";
import { messageOf } from "../server/errors.ts";
import type { Volumes } from "../storage/volumes.ts";
import type { TaskLog } from "../tasks.ts";
import { applyPending } from "./configuration.ts";
import { machineSpecOf } from "./machine-spec.ts";
import { parseNic } from "./network.ts";
import { chooseDevices } from "./passthrough.ts";
import { assertUnlocked, memoryOf, type Reservation, type Vm, type Vms } from "./vm.ts";

export interface PowerContext {
	version: ProxmoxVersion;
	vms: Vms;
	volumes: Volumes;
	mappings: PciMappings;
	hypervisor: Hypervisor;
	hostOf(vm: Vm): HostDescription;
}

/** Applies pending changes, reserves memory and devices of the host, and boots. Errors are those of a failed `qmstart`. */
export async function startVm(vm: Vm, context: PowerContext, log: TaskLog): Promise<void> {
	assertUnlocked(vm);
	if (vm.status === "running") {
		throw new Error(`VM ${vm.id} already running`);
	}
	await applyPending(vm, context.volumes, context.hypervisor);
	vm.reservation = reserve(vm, context, log);
	try {
		const spec = machineSpecOf(vm, context);
		if (spec !== undefined) {
			await context.hypervisor.start(spec);
		}
		vm.booted = spec !== undefined;
	} catch (error) {
		vm.reservation = undefined;
		throw error;
	}
	vm.status = "running";
	vm.startedAt = Date.now();
}

/** Presses the power button. With `force` it cuts the power when the guest does not react within the timeout (seconds). */
export async function shutDownVm(
	vm: Vm,
	context: PowerContext,
	options: { timeout?: number; force: boolean },
	log: TaskLog,
): Promise<void> {
	if (vm.status === "stopped") {
		return;
	}
	assertUnlocked(vm);
	try {
		if (!vm.booted) {
			throw new Error("no guest runs that could react");
		}
		await context.hypervisor.shutdown(vm.id, options.timeout ?? 60);
	} catch (error) {
		log.info(messageOf(error));
		if (!options.force) {
			throw new Error("VM quit/powerdown failed - got timeout");
		}
		log.info("VM still running - terminating now with SIGTERM");
		if (vm.booted) {
			await context.hypervisor.stop(vm.id);
		}
	}
	markStopped(vm);
}

export async function stopVm(vm: Vm, context: PowerContext): Promise<void> {
	if (vm.status === "stopped") {
		return;
	}
	assertUnlocked(vm);
	if (vm.booted) {
		await context.hypervisor.stop(vm.id);
	}
	markStopped(vm);
}

export function markStopped(vm: Vm): void {
	vm.status = "stopped";
	vm.booted = false;
	vm.reservation = undefined;
}

function reserve(vm: Vm, context: PowerContext, log: TaskLog): Reservation {
	const host = context.hostOf(vm);
	const others = context.vms.all().filter((other) => other !== vm);
	for (const [option, value] of Object.entries(vm.configuration)) {
		const bridge = /^net\d+$/.test(option) ? parseNic(value).options.bridge : undefined;
		if (bridge !== undefined && !host.bridges.includes(bridge)) {
			throw new Error(`bridge '${bridge}' does not exist`);
		}
	}
	const cores = Number(vm.configuration.cores ?? 1) * Number(vm.configuration.sockets ?? 1);
	if (cores > host.cpus) {
		throw new Error(`MAX ${host.cpus} vcpus allowed per VM on this node`);
	}

	const devices = chooseDevices(vm, host, context.mappings, others);
	const memoryMiB = memoryOf(vm.configuration);
	const used = others
		.filter((other) => other.host === vm.host)
		.reduce((sum, other) => sum + (other.reservation?.memoryMiB ?? 0), 0);
	if (used + memoryMiB > host.memoryMiB) {
		log.info("kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory");
		log.info(`${memoryMiB} MiB wanted, ${host.memoryMiB - used} MiB of ${host.memoryMiB} MiB left on ${host.name}`);
		throw new Error("start failed: QEMU exited with code 1");
	}
	return { memoryMiB, devices };
}
