/** The files of machines in the run's directory: written for machine.sh and the guest, and read back from them. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Run } from "../../datacenter/run.ts";
import type { Network } from "../network/network.ts";
import type { MachineNic, MachineSpec } from "../proxmox/hypervisor.ts";
import { guestInterfaceName, writeSeed } from "./seed.ts";

/** About what a kernel keeps of the memory for its own tables. */
const kernelShare = 0.02;

const gibibyte = 2 ** 30;

/** Bytes that df finds on a disk: without its boot partitions, and ext4's tables of inodes and journal. */
function fileSystemBytes(diskBytes: number): number {
	return Math.floor((diskBytes - gibibyte) * (1 - 256 / 16_384) - gibibyte);
}

export class MachineFiles {
	readonly #run: Run;
	readonly #network: Network;

	constructor(run: Run, network: Network) {
		this.#run = run;
		this.#network = network;
	}

	directory(vmId: number): string {
		return `${this.#run.directory}/machines/${vmId}`;
	}

	/** Where the content of a volume is. */
	volume(volume: string): string {
		return `${this.#run.directory}/volumes/${encodeURIComponent(volume)}`;
	}

	/** Everything that a machine boots with, in place of what was there. */
	async write(spec: MachineSpec): Promise<void> {
		const directory = this.directory(spec.vmId);
		await rm(directory, { recursive: true, force: true });
		await mkdir(this.volume(spec.systemVolume), { recursive: true });
		await writeSeed(`${directory}/seed`, spec.cloudInit);
		await this.writeNics(spec);
		await this.#writeDisks(spec);
		await this.writePciDevices(spec.vmId, spec.pciDevices);
		await this.#writeSize(spec);
	}

	async writeNics({ vmId, nics }: MachineSpec): Promise<void> {
		const ports = nics.map(async ({ bridge, tag, mac, linkDown }: MachineNic, index) => {
			const state = linkDown ? "down" : "up";
			return `${portName(vmId, index)} ${guestInterfaceName(index)} ${await this.#network.bridge(bridge, tag)} ${mac} ${state}\n`;
		});
		await writeFile(`${this.directory(vmId)}/nics`, (await Promise.all(ports)).join(""));
	}

	/** @param devices `vendor:device` each */
	async writePciDevices(vmId: number, devices: string[] = []): Promise<void> {
		// In place: the guest has the file mounted.
		await writeFile(`${this.directory(vmId)}/pci-devices`, devices.map((device) => `${device}\n`).join(""));
	}

	/** What the guest has printed so far. */
	console(vmId: number): Promise<string> {
		return readFile(`${this.directory(vmId)}/console.log`, "utf8").catch(() => "");
	}

	/** Process id that the machine's script noted for the guest's PID 1, which may be gone; 0 before there is one. */
	async noted(vmId: number): Promise<number> {
		return Number(await readFile(`${this.directory(vmId)}/init`, "utf8").catch(() => ""));
	}

	async #writeDisks({ vmId, dataDisks = [] }: MachineSpec): Promise<void> {
		const disks = dataDisks.map(async ({ serial, deviceId, sizeBytes, volume }) => {
			const directory = this.volume(volume);
			await mkdir(directory, { recursive: true });
			return `${serial} ${deviceId} ${sizeBytes} ${directory}/disk\n`;
		});
		await writeFile(`${this.directory(vmId)}/disks`, (await Promise.all(disks)).join(""));
	}

	/**
	 * What the guest finds in /proc of its processors and its memory, where the kernel would show the host's, and the size
	 * of its root file system, which cloud-init grows to the disk at each boot: here at each start of the machine.
	 */
	async #writeSize({ vmId, cores, memoryMiB, systemBytes }: MachineSpec): Promise<void> {
		const processors = Array.from({ length: cores }, (_, number) => `processor\t: ${number}\n\n`);
		const kibibytes = Math.floor(memoryMiB * 1024 * (1 - kernelShare));
		const memory = ["MemTotal:", "MemFree:", "MemAvailable:"].map((key) => `${key.padEnd(16)}${kibibytes} kB\n`);
		await writeFile(`${this.directory(vmId)}/cpuinfo`, processors.join(""));
		await writeFile(`${this.directory(vmId)}/meminfo`, memory.join(""));
		await writeFile(`${this.directory(vmId)}/root-bytes`, `${fileSystemBytes(systemBytes)}\n`);
	}
}

/** The host's end of a NIC, named as Proxmox names it. */
export function portName(vmId: number, nic: number): string {
	return `tap${vmId}i${nic}`;
}
