/** The hypervisor: Proxmox VMs as systemd-nspawn machines, each with a real systemd and a real sshd. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { run as execute, lastLines } from "../setup/command.ts";
import type { Toolbox } from "../setup/toolbox.ts";
import { interfacesOf } from "./guest-interfaces.ts";
import type { GuestInterface, Hypervisor, MachineNic, MachineSpec } from "./hypervisor.ts";
import type { Network } from "./network.ts";
import { isInGroup } from "./processes.ts";
import { killGroup, type Run } from "./run.ts";
import { guestInterfaceName, writeSeed } from "./seed.ts";

export interface HypervisorOptions {
	run: Run;
	network: Network;
	toolbox: Toolbox;
}

interface Machine {
	spec: MachineSpec;
	process: ChildProcess;
	/** Whether its end, when it comes, was asked for. */
	endExpected: boolean;
	/** Resolves when its last process is gone. */
	ended: Promise<void>;
}

const machineScript = fileURLToPath(new URL("machine.sh", import.meta.url));
// systemd(1), SIGNALS; the first real-time signal is 34 with the GNU C library.
const powerOffSignal = 34 + 4;
const rebootSignal = 34 + 5;
const bootTimeoutSeconds = 60;
const rebootTimeoutSeconds = 90;
const pollInterval = 50;

/** Machines live as long as the run: `destroyRun` ends them, whether or not this process still exists. */
export function createHypervisor({ run, network, toolbox }: HypervisorOptions): Hypervisor {
	const machines = new Map<number, Machine>();
	const powerOffListeners: ((vmId: number) => void)[] = [];

	async function start(spec: MachineSpec): Promise<void> {
		if (machines.has(spec.vmId)) {
			throw new Error(`${title(spec)} is running already.`);
		}
		const machine = await boot(spec);
		if (!(await until(bootTimeoutSeconds, () => isUp(spec.vmId), machine))) {
			machine.endExpected = true;
			await killGroup(groupOf(spec.vmId));
			throw new Error(`${title(spec)} did not boot: ${lastLines(await consoleOf(spec.vmId))}`);
		}
	}

	async function boot(spec: MachineSpec): Promise<Machine> {
		const directory = directoryOf(spec.vmId);
		await rm(directory, { recursive: true, force: true });
		await mkdir(volumeDirectory(spec.systemVolume), { recursive: true });
		await writeSeed(`${directory}/seed`, spec.cloudInit);
		await writeNics(spec);
		await writeDisks(spec);
		await writePciDevices(spec.vmId, spec.pciDevices);
		const [program, ...parameters] = network.enter([
			...(["unshare", "--mount", machineScript] as const),
			groupOf(spec.vmId),
			toolbox.image,
			volumeDirectory(spec.systemVolume),
			directory,
			toolbox.binaries,
		]);
		const console = openSync(`${directory}/console.log`, "a");
		// In a session of its own: Ctrl-C at the terminal of the rehearsal must not reach the machines.
		const child = spawn(program, parameters, { detached: true, stdio: ["ignore", console, console] });
		closeSync(console);
		const machine: Machine = { spec, process: child, endExpected: false, ended: ended(child, spec.vmId) };
		machines.set(spec.vmId, machine);
		void machine.ended.then(() => {
			machines.delete(spec.vmId);
			if (!machine.endExpected) {
				for (const listener of powerOffListeners) {
					listener(spec.vmId);
				}
			}
		});
		return machine;
	}

	async function ended(child: ChildProcess, vmId: number): Promise<void> {
		await new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
		// Nothing is left of a machine that ended by itself; one whose script was killed still runs.
		await killGroup(groupOf(vmId));
	}

	async function shutdown(vmId: number, timeoutSeconds: number): Promise<void> {
		const machine = machines.get(vmId);
		if (!machine) {
			return;
		}
		machine.endExpected = true;
		await signalInit(vmId, powerOffSignal);
		if (!(await endsWithin(machine, timeoutSeconds))) {
			machine.endExpected = false;
			throw new Error(`${title(machine.spec)} did not power off within ${timeoutSeconds} seconds.`);
		}
	}

	async function stop(vmId: number): Promise<void> {
		const machine = machines.get(vmId);
		if (machine) {
			machine.endExpected = true;
			await killGroup(groupOf(vmId));
			await machine.ended;
		}
	}

	async function reboot(vmId: number): Promise<void> {
		const machine = runningMachine(vmId);
		const before = await initOf(vmId);
		await signalInit(vmId, rebootSignal);
		const rebooted = async () => {
			const now = await initOf(vmId);
			return now !== undefined && now !== before;
		};
		if (!(await until(rebootTimeoutSeconds, rebooted, machine))) {
			throw new Error(`${title(machine.spec)} did not come back within ${rebootTimeoutSeconds} seconds of a reboot.`);
		}
	}

	async function setLink(vmId: number, nic: number, up: boolean): Promise<void> {
		const machine = machines.get(vmId);
		if (!machine) {
			return;
		}
		const nics = machine.spec.nics.map((other, index) => (index === nic ? { ...other, linkDown: !up } : other));
		machine.spec = { ...machine.spec, nics };
		// First the file, which counts at the guest's next reboot.
		await writeNics(machine.spec);
		await execute(network.enter(["ip", "link", "set", portName(vmId, nic), up ? "up" : "down"]));
	}

	async function guestInterfaces(vmId: number): Promise<GuestInterface[] | undefined> {
		const init = await initOf(vmId);
		const interfaces = init === undefined ? undefined : await interfacesOf(init);
		const hasAddress = interfaces?.some(
			({ name, addresses }) => name === guestInterfaceName(0) && addresses.some(({ family }) => family === "ipv4"),
		);
		return hasAddress ? interfaces : undefined;
	}

	async function guestFile(vmId: number, path: string): Promise<string | undefined> {
		const init = await initOf(vmId);
		if (init === undefined) {
			return undefined;
		}
		try {
			return await execute(["nsenter", `--target=${init}`, "--mount", "--root", "cat", path]);
		} catch {
			throw new Error(`failed to open file '${path}' (mode: 'r'): No such file or directory`);
		}
	}

	async function deleteVolume(volume: string): Promise<void> {
		for (const { spec } of machines.values()) {
			if (spec.systemVolume === volume) {
				throw new Error(`The volume ${volume} cannot be deleted: ${title(spec)} runs from it.`);
			}
		}
		await rm(volumeDirectory(volume), { recursive: true, force: true });
	}

	async function growVolume(volume: string, sizeBytes: number): Promise<void> {
		const file = `${volumeDirectory(volume)}/disk`;
		if (!existsSync(file)) {
			return;
		}
		await truncate(file, sizeBytes);
		const devices = await execute(["losetup", "--associated", file, "--noheadings", "--output", "NAME"]);
		for (const device of devices.split("\n").filter((line) => line !== "")) {
			await execute(["losetup", "--set-capacity", device.trim()]);
		}
	}

	function runningMachine(vmId: number): Machine {
		const machine = machines.get(vmId);
		if (!machine) {
			throw new Error(`VM ${vmId} is not running.`);
		}
		return machine;
	}

	async function writeNics({ vmId, nics }: MachineSpec): Promise<void> {
		const ports = nics.map(async ({ bridge, tag, mac, linkDown }: MachineNic, index) => {
			const state = linkDown ? "down" : "up";
			return `${portName(vmId, index)} ${guestInterfaceName(index)} ${await network.bridge(bridge, tag)} ${mac} ${state}\n`;
		});
		await writeFile(`${directoryOf(vmId)}/nics`, (await Promise.all(ports)).join(""));
	}

	async function writeDisks({ vmId, dataDisks = [] }: MachineSpec): Promise<void> {
		const disks = dataDisks.map(async ({ serial, sizeBytes, volume }) => {
			const directory = volumeDirectory(volume);
			await mkdir(directory, { recursive: true });
			return `${serial} ${sizeBytes} ${directory}/disk\n`;
		});
		await writeFile(`${directoryOf(vmId)}/disks`, (await Promise.all(disks)).join(""));
	}

	async function writePciDevices(vmId: number, devices: string[] = []): Promise<void> {
		// In place: the guest has the file mounted.
		await writeFile(`${directoryOf(vmId)}/pci-devices`, devices.map((device) => `${device}\n`).join(""));
	}

	async function isUp(vmId: number): Promise<boolean> {
		return (await initOf(vmId)) !== undefined;
	}

	/** Process id of the guest's PID 1, once it listens. */
	async function initOf(vmId: number): Promise<number | undefined> {
		const text = await readFile(`${directoryOf(vmId)}/init`, "utf8").catch(() => "");
		const pid = Number(text);
		return pid > 0 && isInGroup(pid, groupOf(vmId)) ? pid : undefined;
	}

	async function signalInit(vmId: number, signal: number): Promise<void> {
		const init = await initOf(vmId);
		if (init !== undefined) {
			process.kill(init, signal);
		}
	}

	const consoleOf = (vmId: number) => readFile(`${directoryOf(vmId)}/console.log`, "utf8").catch(() => "");
	const directoryOf = (vmId: number) => `${run.directory}/machines/${vmId}`;
	const groupOf = (vmId: number) => `${run.group}/${vmId}`;
	const volumeDirectory = (volume: string) => `${run.directory}/volumes/${encodeURIComponent(volume)}`;

	return {
		start,
		shutdown,
		stop,
		reboot,
		setLink,
		losePciDevices: (vmId) => writePciDevices(vmId),
		isRunning: (vmId) => machines.has(vmId),
		guestInterfaces,
		guestFile,
		deleteVolume,
		growVolume,
		onPowerOff: (listener) => {
			powerOffListeners.push(listener);
		},
	};
}

function title({ vmId, name }: MachineSpec): string {
	return `VM ${vmId} (${name})`;
}

/** The host's end of a NIC, named as Proxmox names it. */
function portName(vmId: number, nic: number): string {
	return `tap${vmId}i${nic}`;
}

async function endsWithin({ ended }: Machine, seconds: number): Promise<boolean> {
	const timeout = new AbortController();
	const late = delay(seconds * 1000, false, { signal: timeout.signal }).catch(() => false);
	const inTime = await Promise.race([ended.then(() => true), late]);
	timeout.abort();
	return inTime;
}

/** Whether the condition came true in time, and before the machine ended. */
async function until(seconds: number, condition: () => Promise<boolean>, machine: Machine): Promise<boolean> {
	let over = false;
	void machine.ended.then(() => {
		over = true;
	});
	const deadline = Date.now() + seconds * 1000;
	while (!over && Date.now() < deadline) {
		if (await condition()) {
			return true;
		}
		await delay(pollInterval);
	}
	return false;
}
