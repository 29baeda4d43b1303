import { die } from "../server/errors.ts";
import { type Parameters, splitList } from "../server/parameters.ts";
import type { Call, Route } from "../server/router.ts";
import { changeConfiguration } from "./configuration.ts";
import type { QemuContext } from "./context.ts";
import { parseDrive } from "./drives.ts";
import { assertDestroyable, createVm, destroyVm, resizeDisk } from "./lifecycle.ts";
import { volumeKey } from "./machine-spec.ts";
import { validateOptions } from "./options.ts";
import { requireOnVm, requireOptions, type Subject } from "./permissions.ts";
import { assertUnlocked, displayedConfiguration, exclusively, summaryOf, type Vm } from "./vm.ts";

const root = "/nodes/{node}/qemu";
const configPrivileges = ["Disk", "CDROM", "CPU", "Memory", "Network", "HWType", "Options", "Cloudinit"].map(
	(name) => `VM.Config.${name}`,
);

/** Routes of VMs and their configuration. */
export function qemuRoutes(context: QemuContext): Route[] {
	const { vms, volumes, tasks } = context;
	const vmOf = (parameters: Parameters): Vm => vms.on(parameters.required("node"), parameters.required("vmid"));
	const task = (vm: Vm, type: string, user: string, work: () => void | Promise<void>): string =>
		tasks.start({ host: vm.host, type, id: String(vm.id), user, work: () => exclusively(vm, work) });

	return [
		{
			method: "GET",
			path: root,
			handle: ({ access, parameters }) =>
				vms
					.all()
					.filter((vm) => vm.host === parameters.required("node") && access.has(`/vms/${vm.id}`, "VM.Audit"))
					.map(summaryOf),
		},
		{ method: "POST", path: root, handle: (call) => create(call, context) },
		{
			method: "DELETE",
			path: `${root}/{vmid}`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Allocate");
				const purge = parameters.flag("purge");
				if (!purge && context.highAvailability.manages(vm.id)) {
					die(`unable to remove VM ${vm.id} - used in HA resources and purge parameter not set.`);
				}
				assertDestroyable(vm);
				return task(vm, "qmdestroy", access.user, async () => {
					await destroyVm(vm, vms, volumes);
					context.forgetVm(vm.id, { purge });
				});
			},
		},
		{
			method: "GET",
			path: `${root}/{vmid}/config`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Audit");
				return displayedConfiguration(vm, parameters.flag("current"));
			},
		},
		{
			method: "PUT",
			path: `${root}/{vmid}/config`,
			handle: (call) => change(call, vmOf(call.parameters), context),
		},
		{
			method: "POST",
			path: `${root}/{vmid}/config`,
			handle(call) {
				const vm = vmOf(call.parameters);
				const work = (): Promise<void> => change(call, vm, context);
				// Without `exclusively`, because the change takes the lock itself.
				return tasks.start({ host: vm.host, type: "qmconfig", id: String(vm.id), user: call.access.user, work });
			},
		},
		{
			method: "PUT",
			path: `${root}/{vmid}/cloudinit`,
			async handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Config.Cloudinit");
				// Nothing to do: every start of the machine writes the drive from the configuration.
				await exclusively(vm, () => assertUnlocked(vm));
			},
		},
		{
			method: "PUT",
			path: `${root}/{vmid}/resize`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				const disk = parameters.required("disk");
				const size = parameters.required("size");
				access.require(`/vms/${vm.id}`, "VM.Config.Disk");
				return task(vm, "resize", access.user, async () => {
					const [storage] = parseDrive(vm.configuration[disk] ?? die(`disk '${disk}' does not exist`)).file.split(":");
					access.require(`/storage/${storage}`, "Datastore.AllocateSpace");
					const volume = resizeDisk(vm, disk, size, volumes);
					await context.hypervisor.growVolume(volumeKey(volume), volume.sizeBytes);
				});
			},
		},
	];
}

/** Checks privileges, reserves the id, and makes the disks in a task. Proxmox refuses in the same order. */
function create({ access, parameters }: Call, context: QemuContext): string {
	const { vms, volumes, pools, tasks } = context;
	const host = parameters.required("node");
	const id = Number(parameters.required("vmid"));
	const pool = parameters.optional("pool");
	const options = parameters.except("node", "vmid", "pool");
	validateOptions(options);
	if (pool !== undefined) {
		pools.get(pool);
	}

	const subject: Subject = { access, vmId: id, host, pool };
	requireOnVm(subject, ["VM.Allocate"]);
	requireOptions(subject, options, volumes);
	const holder = vms.find(id);
	if (holder !== undefined) {
		die(`unable to create VM ${id} - VM ${id} already exists on node '${holder.host}'`);
	}

	const vm = vms.reserve(id, host);
	return tasks.start({
		host,
		type: "qmcreate",
		id: String(id),
		user: access.user,
		onFailure: () => vms.delete(vm),
		async work() {
			await createVm(vm, options, volumes);
			if (pool !== undefined) {
				pools.add(id, pool);
			}
		},
	});
}

async function change({ access, parameters }: Call, vm: Vm, context: QemuContext): Promise<void> {
	access.requireAny(`/vms/${vm.id}`, ...configPrivileges);
	const subject: Subject = { access, vmId: vm.id, host: vm.host };
	const { volumes, hypervisor } = context;
	await changeConfiguration(
		vm,
		subject,
		{
			options: parameters.except("node", "vmid", "delete", "digest", "force", "background_delay"),
			remove: splitList(parameters.optional("delete")),
			digest: parameters.optional("digest"),
		},
		volumes,
		hypervisor,
	);
}
