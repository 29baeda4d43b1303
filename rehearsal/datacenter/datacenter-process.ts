/** Starts, controls and stops the datacenter's process (daemon.ts) from outside its network. */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openNetwork } from "../doubles/network/network.ts";
import {
	type DatacenterFault,
	fetchChanges,
	fetchInventory,
	fetchSnapshots,
	type Inventory,
	injectFault,
} from "./control.ts";
import type { DaemonDescription } from "./daemon.ts";

export class DatacenterProcess {
	readonly #child: ChildProcess;
	readonly #controlSocket: string;

	private constructor(child: ChildProcess, controlSocket: string) {
		this.#child = child;
		this.#controlSocket = controlSocket;
	}

	/** Resolves when the Proxmox API and the mirrors answer. */
	static async start(description: Omit<DaemonDescription, "controlSocket">): Promise<DatacenterProcess> {
		const { directory } = description.run;
		const controlSocket = join(directory, "control.sock");
		const file = join(directory, "datacenter.json");
		await writeFile(file, JSON.stringify({ ...description, controlSocket }), { mode: 0o600 });
		const daemon = fileURLToPath(new URL("daemon.ts", import.meta.url));
		const [program, ...args] = openNetwork(description.run).enter([process.execPath, daemon, file]);
		const logFile = join(directory, "datacenter.log");
		const log = openSync(logFile, "a", 0o600);
		const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log, "ipc"] });
		await new Promise<void>((resolve, reject) => {
			child.once("message", () => resolve());
			child.once("error", reject);
			child.once("exit", (code) =>
				reject(new Error(`The datacenter ended (${code}) before it was up; see ${logFile}.`)),
			);
		});
		return new DatacenterProcess(child, controlSocket);
	}

	inventory(): Promise<Inventory> {
		return fetchInventory(this.#controlSocket);
	}

	/** Number of requests so far that may change something in Proxmox. */
	changes(): Promise<number> {
		return fetchChanges(this.#controlSocket);
	}

	/** Names of the snapshots of each VM, by its id, the oldest first. */
	snapshots(): Promise<Record<string, string[]>> {
		return fetchSnapshots(this.#controlSocket);
	}

	injectFault(fault: DatacenterFault): Promise<void> {
		return injectFault(this.#controlSocket, fault);
	}

	/** Ends the process. `destroyRun` ends the machines. */
	async stop(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
			return;
		}
		const ended = new Promise((resolve) => this.#child.once("exit", resolve));
		this.#child.kill("SIGTERM");
		await ended;
	}

	/** Lets the process continue after this one has ended. */
	detach(): void {
		this.#child.disconnect();
		this.#child.unref();
	}
}
