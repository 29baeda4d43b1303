import { setTimeout as sleep } from "node:timers/promises";
import { die, invalidParameters } from "../server/errors.ts";
import type { Parameters } from "../server/parameters.ts";
import type { Route } from "../server/router.ts";
import type { Volumes } from "../storage/volumes.ts";
import type { QemuContext } from "./context.ts";
import { drivesOf, isCdrom } from "./drives.ts";
import { assertUnlocked, type Configuration, displayedOptions, exclusively, type Vm } from "./vm.ts";

const root = "/nodes/{node}/qemu/{vmid}/snapshot";
/** For which QEMU is busy with the disks. */
const busyMs = 20;

/** Routes of a VM's snapshots (qemu-server, PVE/API2/Qemu.pm; pve-guest-common, PVE/AbstractConfig.pm). */
export function snapshotRoutes({ vms, volumes, tasks }: QemuContext): Route[] {
	const vmOf = (parameters: Parameters): Vm => vms.on(parameters.required("node"), parameters.required("vmid"));
	const task = (vm: Vm, type: string, user: string, work: () => Promise<void>): string =>
		tasks.start({ host: vm.host, type, id: String(vm.id), user, work });

	return [
		{
			method: "GET",
			path: root,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Audit");
				return listOf(vm);
			},
		},
		{
			method: "POST",
			path: root,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Snapshot");
				const name = nameIn(parameters);
				if (name === "current" || name.toLowerCase() === "pending") {
					die(`unable to use snapshot name '${name.toLowerCase()}' (reserved name)`);
				}
				const withRam = parameters.flag("vmstate");
				const description = parameters.optional("description");
				return task(vm, "qmsnapshot", access.user, () => take(vm, { name, withRam, description }, volumes));
			},
		},
		{
			method: "DELETE",
			path: `${root}/{snapname}`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Snapshot");
				const name = nameIn(parameters);
				return task(vm, "qmdelsnapshot", access.user, () => remove(vm, name));
			},
		},
		{
			method: "GET",
			path: `${root}/{snapname}/config`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.requireAny(`/vms/${vm.id}`, "VM.Snapshot", "VM.Snapshot.Rollback", "VM.Audit");
				const { configuration, withRam: _, ...snapshot } = get(vm, nameIn(parameters));
				return { ...displayedOptions(configuration), ...snapshot };
			},
		},
	];
}

/** The format `pve-configid`, and the length of `pve-snapshot-name` (pve-common, PVE/JSONSchema.pm; qemu-server, PVE/QemuServer.pm). */
function nameIn(parameters: Parameters): string {
	const name = parameters.required("snapname");
	if (!/^[a-z][a-z0-9_-]+$/i.test(name)) {
		invalidParameters({ snapname: `invalid format - invalid configuration ID '${name}'` });
	}
	if (name.length > 40) {
		invalidParameters({ snapname: "value may only be 40 characters long" });
	}
	return name;
}

function get({ snapshots }: Vm, name: string) {
	return snapshots.get(name) ?? die(`snapshot '${name}' does not exist`);
}

/** In no order, as Perl answers a hash, with an entry for the present. */
function listOf(vm: Vm) {
	const snapshots = [...vm.snapshots].toReversed().map(([name, snapshot]) => {
		const { snaptime, description = "", withRam, parent, snapstate } = snapshot;
		return { name, snaptime, vmstate: withRam ? 1 : 0, description, parent, snapstate };
	});
	const running = vm.status === "running" ? 1 : 0;
	return [...snapshots, { name: "current", description: "You are here!", running, parent: vm.parent }];
}

async function take(
	vm: Vm,
	{ name, withRam, description }: { name: string; withRam: boolean; description: string | undefined },
	volumes: Volumes,
): Promise<void> {
	// Others wait for the lock file only while the configuration changes; meanwhile they find a lock in the configuration.
	const savesRam = withRam && vm.status === "running";
	await exclusively(vm, () => {
		assertUnlocked(vm);
		if (vm.snapshots.has(name)) {
			die(`snapshot name '${name}' already used`);
		}
		assertFeature(vm, volumes);
		vm.lock = "snapshot";
		vm.snapshots.set(name, {
			configuration: withoutUnused(vm.configuration),
			snaptime: Math.floor(Date.now() / 1000),
			description,
			withRam: savesRam,
			parent: vm.parent,
			snapstate: "prepare",
		});
	});
	await sleep(busyMs);
	await exclusively(vm, () => {
		vm.lock = undefined;
		const [passedThrough] = vm.reservation?.devices ?? [];
		if (savesRam && passedThrough !== undefined) {
			vm.snapshots.delete(name);
			// QEMU refuses only when it gets a file for the memory (pve-qemu, patches 0017 and 0046; QEMU, hw/vfio/migration.c).
			const reason = `${passedThrough.path}: VFIO migration is not supported in kernel`;
			die(`VM ${vm.id} qmp command 'savevm-start' failed - ${reason}`);
		}
		delete get(vm, name).snapstate;
		vm.parent = name;
	});
}

async function remove(vm: Vm, name: string): Promise<void> {
	await exclusively(vm, () => {
		get(vm, name);
		assertUnlocked(vm);
		vm.lock = "snapshot-delete";
		get(vm, name).snapstate = "delete";
	});
	await sleep(busyMs);
	await exclusively(vm, () => {
		const { parent } = get(vm, name);
		vm.snapshots.delete(name);
		for (const child of [vm, ...vm.snapshots.values()].filter((one) => one.parent === name)) {
			child.parent = parent;
		}
		vm.lock = undefined;
	});
}

/** Thin volumes have the feature, files in qcow2 only (pve-storage, LvmThinPlugin.pm and Plugin.pm, volume_has_feature). */
function assertFeature(vm: Vm, volumes: Volumes): void {
	const able = drivesOf(vm.configuration)
		.filter(([, drive]) => !isCdrom(drive))
		.map(([, { file }]) => volumes.get(vm.host, file))
		.every(({ storage, format }) => volumes.storage(vm.host, storage).type === "lvmthin" || format === "qcow2");
	if (!able) {
		die("snapshot feature is not available");
	}
}

/** A snapshot has neither the description of the VM nor its unused disks. */
function withoutUnused(configuration: Configuration): Configuration {
	return Object.fromEntries(
		Object.entries(configuration).filter(([option]) => option !== "description" && !/^unused\d+$/.test(option)),
	);
}
