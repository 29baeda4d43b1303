/** The hypervisor of the Proxmox double: VMs are systemd-nspawn containers, each with a real systemd and a real sshd. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { killGroup } from "../../run/control-group.ts";
import { isInGroup } from "../../run/processes.ts";
import type { Run } from "../../run/run.ts";
import { execute, lastLines } from "../../setup/command.ts";
import type { Toolbox } from "../../setup/toolbox.ts";
import type { Network } from "../network/network.ts";
import type { GuestInterface, Hypervisor, MachineSpec } from "../proxmox/hypervisor.ts";
import { interfacesOf } from "./guest-interfaces.ts";
import { MachineFiles, portName } from "./machine-files.ts";
import { guestInterfaceName } from "./seed.ts";

interface HypervisorOptions {
	run: Run;
	network: Network;
	toolbox: Toolbox;
}

interface Machine {
	spec: MachineSpec;
	/** Whether a caller requested the end of the machine. */
	endExpected: boolean;
	/** Resolves after the end of the machine's last process. */
	ended: Promise<void>;
}

const machineScript = fileURLToPath(new URL("machine.sh", import.meta.url));
// systemd(1), SIGNALS; the first real-time signal is 34 with the GNU C library.
const powerOffSignal = 34 + 4;
const rebootSignal = 34 + 5;
const bootTimeoutSeconds = 60;
const rebootTimeoutSeconds = 90;
const pollInterval = 50;

/** The machines continue after this process. `destroyRun` ends them. */
export class NspawnHypervisor implements Hypervisor {
	readonly #run: Run;
	readonly #network: Network;
	readonly #toolbox: Toolbox;
	readonly #files: MachineFiles;
	readonly #machines = new Map<number, Machine>();
	readonly #powerOffListeners: ((vmId: number) => void)[] = [];

	constructor({ run, network, toolbox }: HypervisorOptions) {
		this.#run = run;
		this.#network = network;
		this.#toolbox = toolbox;
		this.#files = new MachineFiles(run, network);
	}

	async start(spec: MachineSpec): Promise<void> {
		if (this.#machines.has(spec.vmId)) {
			throw new Error(`${title(spec)} is running already.`);
		}
		const machine = await this.#boot(spec);
		const isUp = async () => (await this.#initOf(spec.vmId)) !== undefined;
		if (!(await until(bootTimeoutSeconds, isUp, machine))) {
			machine.endExpected = true;
			await killGroup(this.#groupOf(spec.vmId));
			throw new Error(`${title(spec)} did not boot: ${lastLines(await this.#files.console(spec.vmId))}`);
		}
	}

	async shutdown(vmId: number, timeoutSeconds: number): Promise<void> {
		const machine = this.#machines.get(vmId);
		if (!machine) {
			return;
		}
		machine.endExpected = true;
		await this.#signalInit(vmId, powerOffSignal);
		if (!(await endsWithin(machine, timeoutSeconds))) {
			machine.endExpected = false;
			throw new Error(`${title(machine.spec)} did not power off within ${timeoutSeconds} seconds.`);
		}
	}

	async stop(vmId: number): Promise<void> {
		const machine = this.#machines.get(vmId);
		if (machine) {
			machine.endExpected = true;
			await killGroup(this.#groupOf(vmId));
			await machine.ended;
		}
	}

	async reboot(vmId: number): Promise<void> {
		const machine = this.#machines.get(vmId);
		if (!machine) {
			throw new Error(`VM ${vmId} is not running.`);
		}
		const before = await this.#initOf(vmId);
		await this.#signalInit(vmId, rebootSignal);
		const rebooted = async () => {
			const now = await this.#initOf(vmId);
			return now !== undefined && now !== before;
		};
		if (!(await until(rebootTimeoutSeconds, rebooted, machine))) {
			throw new Error(`${title(machine.spec)} did not come back within ${rebootTimeoutSeconds} seconds of a reboot.`);
		}
	}

	async setLink(vmId: number, nic: number, up: boolean): Promise<void> {
		const machine = this.#machines.get(vmId);
		if (!machine) {
			return;
		}
		const nics = machine.spec.nics.map((other, index) => (index === nic ? { ...other, linkDown: !up } : other));
		machine.spec = { ...machine.spec, nics };
		// The file comes first. It counts at the guest's next reboot.
		await this.#files.writeNics(machine.spec);
		await execute(this.#network.enter(["ip", "link", "set", portName(vmId, nic), up ? "up" : "down"]));
	}

	/**
	 * Filters the packets of a running guest until its next start, in its network namespace. The filter of a Proxmox host stands
	 * before the same interface.
	 *
	 * @param rules for nftables
	 */
	async filterPackets(vmId: number, rules: string): Promise<void> {
		const init = await this.#initOf(vmId);
		if (init !== undefined) {
			await execute(["nsenter", `--target=${init}`, "--net", "--", "nft", rules]);
		}
	}

	losePciDevices(vmId: number): Promise<void> {
		return this.#files.writePciDevices(vmId);
	}

	isRunning(vmId: number): boolean {
		return this.#machines.has(vmId);
	}

	async guestInterfaces(vmId: number): Promise<GuestInterface[] | undefined> {
		const init = await this.#initOf(vmId);
		const interfaces = init === undefined ? undefined : await interfacesOf(init);
		const hasAddress = interfaces?.some(
			({ name, addresses }) => name === guestInterfaceName(0) && addresses.some(({ family }) => family === "ipv4"),
		);
		return hasAddress ? interfaces : undefined;
	}

	async guestFile(vmId: number, path: string): Promise<string | undefined> {
		const init = await this.#initOf(vmId);
		if (init === undefined) {
			return undefined;
		}
		try {
			return await execute(["nsenter", `--target=${init}`, "--mount", "--root", "cat", path]);
		} catch {
			throw new Error(`failed to open file '${path}' (mode: 'r'): No such file or directory`);
		}
	}

	async deleteVolume(volume: string): Promise<void> {
		for (const { spec } of this.#machines.values()) {
			if (spec.systemVolume === volume) {
				throw new Error(`The volume ${volume} cannot be deleted: ${title(spec)} runs from it.`);
			}
		}
		await rm(this.#files.volume(volume), { recursive: true, force: true });
	}

	async growVolume(volume: string, sizeBytes: number): Promise<void> {
		const file = `${this.#files.volume(volume)}/disk`;
		if (!existsSync(file)) {
			return;
		}
		await truncate(file, sizeBytes);
		const devices = await execute(["losetup", "--associated", file, "--noheadings", "--output", "NAME"]);
		for (const device of devices.split("\n").filter((line) => line !== "")) {
			await execute(["losetup", "--set-capacity", device.trim()]);
		}
	}

	onPowerOff(listener: (vmId: number) => void): void {
		this.#powerOffListeners.push(listener);
	}

	async #boot(spec: MachineSpec): Promise<Machine> {
		await this.#files.write(spec);
		const directory = this.#files.directory(spec.vmId);
		const [program, ...args] = this.#network.enter([
			...(["unshare", "--mount", machineScript] as const),
			this.#groupOf(spec.vmId),
			this.#toolbox.image,
			this.#files.volume(spec.systemVolume),
			directory,
			this.#toolbox.binaries,
		]);
		const console = openSync(`${directory}/console.log`, "a");
		// In a session of its own, so that Ctrl-C at the terminal does not reach the machines.
		const child = spawn(program, args, { detached: true, stdio: ["ignore", console, console] });
		closeSync(console);
		const machine: Machine = { spec, endExpected: false, ended: this.#ended(child, spec.vmId) };
		this.#machines.set(spec.vmId, machine);
		void machine.ended.then(() => {
			this.#machines.delete(spec.vmId);
			if (!machine.endExpected) {
				for (const listener of this.#powerOffListeners) {
					listener(spec.vmId);
				}
			}
		});
		return machine;
	}

	async #ended(child: ChildProcess, vmId: number): Promise<void> {
		await new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
		// A machine whose script was killed still runs.
		await killGroup(this.#groupOf(vmId));
	}

	/** Process id of the guest's PID 1, after it accepts signals. */
	async #initOf(vmId: number): Promise<number | undefined> {
		const pid = await this.#files.initPid(vmId);
		return pid > 0 && isInGroup(pid, this.#groupOf(vmId)) ? pid : undefined;
	}

	async #signalInit(vmId: number, signal: number): Promise<void> {
		const init = await this.#initOf(vmId);
		if (init !== undefined) {
			process.kill(init, signal);
		}
	}

	#groupOf(vmId: number): string {
		return `${this.#run.group}/${vmId}`;
	}
}

function title({ vmId, name }: MachineSpec): string {
	return `VM ${vmId} (${name})`;
}

async function endsWithin({ ended }: Machine, seconds: number): Promise<boolean> {
	const timeout = new AbortController();
	const late = sleep(seconds * 1000, false, { signal: timeout.signal }).catch(() => false);
	const inTime = await Promise.race([ended.then(() => true), late]);
	timeout.abort();
	return inTime;
}

/** Whether the condition became true within the timeout and before the machine ended. */
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
		await sleep(pollInterval);
	}
	return false;
}
