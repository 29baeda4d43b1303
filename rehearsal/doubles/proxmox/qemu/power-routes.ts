import type { Access } from "../auth/access.ts";
import { parseProperties } from "../properties.ts";
import { die, messageOf } from "../server/errors.ts";
import type { Parameters } from "../server/parameters.ts";
import type { Route } from "../server/router.ts";
import type { TaskLog } from "../tasks.ts";
import type { QemuContext } from "./context.ts";
import { type PowerContext, shutDownVm, startVm, stopVm } from "./power.ts";
import { exclusively, summaryOf, type Vm } from "./vm.ts";

const root = "/nodes/{node}/qemu/{vmid}";

/** Routes of power actions and of the guest agent. */
export function powerRoutes(context: QemuContext): Route[] {
	const { vms, tasks, highAvailability } = context;
	const power: PowerContext = {
		...context,
		hostOf: (vm) => context.hosts.find((host) => host.name === vm.host) ?? die(`no such host '${vm.host}'`),
	};
	const vmOf = (parameters: Parameters): Vm => vms.on(parameters.required("node"), parameters.required("vmid"));

	/**
	 * A power action fails in its task, also because of a lock. The manager of high availability starts and stops a guest that
	 * it manages.
	 */
	const action = (
		verb: string,
		type: string,
		act: (vm: Vm, parameters: Parameters, log: TaskLog) => Promise<void>,
	): Route => ({
		method: "POST",
		path: `${root}/status/${verb}`,
		handle({ access, parameters }) {
			const vm = vmOf(parameters);
			access.require(`/vms/${vm.id}`, "VM.PowerMgmt");
			const wanted = verb === "start" ? "started" : verb === "reboot" ? undefined : "stopped";
			const managed = wanted !== undefined && highAvailability.request(vm.id, wanted);
			return tasks.start({
				host: vm.host,
				type: managed ? (wanted === "started" ? "hastart" : "hastop") : type,
				id: String(vm.id),
				user: access.user,
				work: (log) => exclusively(vm, () => act(vm, parameters, log)),
			});
		},
	});

	return [
		{
			method: "GET",
			path: `${root}/status/current`,
			handle({ access, parameters }) {
				const vm = vmOf(parameters);
				access.require(`/vms/${vm.id}`, "VM.Audit");
				const agent = agentEnabled(vm) ? { agent: 1 } : {};
				const { maxcpu: cpus, ...summary } = summaryOf(vm);
				return {
					...summary,
					cpus,
					qmpstatus: vm.status,
					ha: { managed: highAvailability.manages(vm.id) ? 1 : 0 },
					...agent,
				};
			},
		},
		action("start", "qmstart", (vm, _, log) => startVm(vm, power, log)),
		action("stop", "qmstop", (vm) => stopVm(vm, power)),
		action("shutdown", "qmshutdown", (vm, parameters, log) =>
			shutDownVm(vm, power, { timeout: timeoutOf(parameters), force: parameters.flag("forceStop") }, log),
		),
		// The task ends when the guest is off. What QEMU's end triggers starts the VM again, with its pending changes, or fails
		// unseen by the caller (qemu-server, PVE/QemuServer.pm, vm_reboot; PVE/CLI/qm.pm, cleanup).
		action("reboot", "qmreboot", async (vm, parameters, log) => {
			if (vm.status === "stopped") {
				throw new Error(`VM ${vm.id} not running`);
			}
			await shutDownVm(vm, power, { timeout: timeoutOf(parameters), force: false }, log);
			void exclusively(vm, () => startVm(vm, power, log)).catch((error) => log.info(messageOf(error)));
		}),
		{
			method: "GET",
			path: `${root}/agent/file-read`,
			async handle({ access, parameters }) {
				const path = parameters.required("file");
				const content = await readGuestFile(vmOf(parameters), access, path, context);
				return { content, "bytes-read": Buffer.byteLength(content) };
			},
		},
		{
			method: "GET",
			path: `${root}/agent/network-get-interfaces`,
			async handle({ access, parameters }) {
				const interfaces = await askAgent(vmOf(parameters), access, context);
				const result = interfaces.map(({ name, mac, addresses }) => ({
					name,
					"hardware-address": mac.toLowerCase(),
					"ip-addresses": addresses.map(({ address, prefix, family }) => ({
						"ip-address": address,
						"ip-address-type": family,
						prefix,
					})),
				}));
				return { result };
			},
		},
	];
}

async function askAgent(vm: Vm, access: Access, { version, hypervisor }: QemuContext) {
	requireAgent(vm, access, version, "VM.GuestAgent.Audit");
	const interfaces = vm.booted ? await hypervisor.guestInterfaces(vm.id) : undefined;
	return interfaces ?? agentIsSilent();
}

async function readGuestFile(vm: Vm, access: Access, path: string, { version, hypervisor }: QemuContext) {
	requireAgent(vm, access, version, "VM.GuestAgent.FileRead");
	const content = vm.booted
		? await hypervisor.guestFile(vm.id, path).catch(({ message }: Error) => die(`Agent error: ${message}`))
		: undefined;
	return content ?? agentIsSilent();
}

/** Makes the checks before a command reaches the agent (assert_agent_available in qemu-server). */
function requireAgent(vm: Vm, access: Access, version: QemuContext["version"], privilege: string): void {
	const suffices = version === 8 ? ["VM.Monitor"] : [privilege, "VM.GuestAgent.Unrestricted"];
	access.requireAny(`/vms/${vm.id}`, ...suffices);
	if (!agentEnabled(vm)) {
		die("No QEMU guest agent configured");
	}
	if (vm.status === "stopped") {
		die(`VM ${vm.id} is not running`);
	}
}

function agentIsSilent(): never {
	die("QEMU guest agent is not running");
}

function agentEnabled(vm: Vm): boolean {
	return parseProperties(vm.configuration.agent ?? "0", "enabled").enabled === "1";
}

function timeoutOf(parameters: Parameters): number | undefined {
	const timeout = parameters.optional("timeout");
	return timeout === undefined ? undefined : Number(timeout);
}
