/** Files of the machines in the run's directory, which machine.sh and the guest read or write. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Run } from "../../run/run.ts";
import type { Network } from "../network/network.ts";
import type { MachineNic, MachineSpec } from "../proxmox/hypervisor.ts";
import { guestInterfaceName, writeSeed } from "./seed.ts";

/** Share of the memory that a kernel uses for its own tables, approximately. */
const kernelShare = 0.02;

const gibibyte = 2 ** 30;

/** Size of the root file system for df: the disk without boot partitions, and without ext4's inode tables and journal. */
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

	/** Directory of a volume's content. */
	volume(volume: string): string {
		return `${this.#run.directory}/volumes/${encodeURIComponent(volume)}`;
	}

	/** Replaces all files that a machine needs to boot. */
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
		// The file is not replaced, because the guest has it mounted.
		await writeFile(`${this.directory(vmId)}/pci-devices`, devices.map((device) => `${device}\n`).join(""));
	}

	/** The console output of the guest. */
	console(vmId: number): Promise<string> {
		return readFile(`${this.directory(vmId)}/console.log`, "utf8").catch(() => "");
	}

	/** Process id of the guest's PID 1, which machine.sh wrote. The process may have ended. 0 before the boot. */
	async initPid(vmId: number): Promise<number> {
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
	 * Writes the guest's /proc/cpuinfo and /proc/meminfo, which would otherwise be the host's, and the size of its root file
	 * system. cloud-init grows the file system at each boot; here it grows at each start of the machine.
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

/** Name of the host's end of a NIC, as in Proxmox. */
export function portName(vmId: number, nic: number): string {
	return `tap${vmId}i${nic}`;
}
