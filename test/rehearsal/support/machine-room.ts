/** Machines of the datacenter without the Proxmox double, with an SSH client in their network. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { destroyRun } from "../../../rehearsal/datacenter/destroy-run.ts";
import { NspawnHypervisor } from "../../../rehearsal/doubles/machines/nspawn-hypervisor.ts";
import { createNetwork, type Network } from "../../../rehearsal/doubles/network/network.ts";
import type { MachineSpec } from "../../../rehearsal/doubles/proxmox/hypervisor.ts";
import type { Run } from "../../../rehearsal/run/run.ts";
import { setUp } from "../../../rehearsal/setup/index.ts";
import { eventually } from "./scenario.ts";

const execute = promisify(execFile);

export function machine(vmId: number, name: string, address: string): MachineSpec {
	return {
		vmId,
		name,
		host: "node01",
		cores: 2,
		memoryMiB: 2048,
		systemBytes: 40 * 2 ** 30,
		nics: [{ bridge: "vmbr1", tag: 20, mac: `BC:24:11:00:03:0${vmId % 10}`, linkDown: false }],
		cloudInit: {
			hostname: name,
			user: "ops",
			sshKeys: [],
			addresses: [{ cidr: `${address}/24`, gateway: "10.25.20.1" }],
			nameservers: ["10.25.20.1"],
			searchDomain: "lab.example",
			upgradesPackages: false,
		},
		systemVolume: `node01:local-nvme:vm-${vmId}-disk-0`,
	};
}

export class MachineRoom {
	readonly hypervisor: NspawnHypervisor;
	readonly #run: Run;
	readonly #network: Network;
	readonly #keys: string;

	private constructor(run: Run, network: Network, hypervisor: NspawnHypervisor, keys: string) {
		this.hypervisor = hypervisor;
		this.#run = run;
		this.#network = network;
		this.#keys = keys;
	}

	static async open(run: Run): Promise<MachineRoom> {
		const toolbox = await setUp((line) => console.log(line));
		const keys = await mkdtemp(join(tmpdir(), "machine-room-"));
		await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(keys, "id")]);
		const network = await createNetwork(run, [{ bridge: "vmbr1", tag: 20, cidr: "10.25.20.1/24" }]);
		return new MachineRoom(run, network, new NspawnHypervisor({ run, network, toolbox }), keys);
	}

	async close(): Promise<void> {
		await destroyRun(this.#run);
		await rm(this.#keys, { recursive: true, force: true });
	}

	/** Boots a machine that accepts the room's SSH key, and pins its host key when it answers. */
	async start(spec: MachineSpec): Promise<void> {
		spec.cloudInit.sshKeys = [(await readFile(join(this.#keys, "id.pub"), "utf8")).trim()];
		await this.hypervisor.start(spec);
		await writeFile(this.#knownHosts(spec), await this.hostKey(spec));
	}

	/** The host key that the machine presents. */
	hostKey(spec: MachineSpec): Promise<string> {
		return eventually(async () => {
			const [program, ...args] = this.#network.enter(["ssh-keyscan", "-T", "1", "-t", "ed25519", addressOf(spec)]);
			const { stdout } = await execute(program, args);
			expect(stdout).toContain("ssh-ed25519");
			return stdout;
		});
	}

	pinnedKey(spec: MachineSpec): Promise<string> {
		return readFile(this.#knownHosts(spec), "utf8");
	}

	/** Runs a command with one login attempt and the pinned host key. */
	async ssh(spec: MachineSpec, command: string, input = ""): Promise<string> {
		const options = {
			IdentityFile: join(this.#keys, "id"),
			StrictHostKeyChecking: "yes",
			UserKnownHostsFile: this.#knownHosts(spec),
			BatchMode: "yes",
			ConnectTimeout: "2",
		};
		const [program, ...args] = this.#network.enter([
			"ssh",
			...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
			`${spec.cloudInit.user}@${addressOf(spec)}`,
			command,
		]);
		const running = execute(program, args, { timeout: 60_000 });
		// A machine that reboots ends the connection before it has read everything.
		running.child.stdin?.on("error", () => undefined);
		running.child.stdin?.end(input);
		return (await running).stdout.trim();
	}

	#knownHosts(spec: MachineSpec): string {
		return join(this.#keys, `known-hosts-${spec.vmId}`);
	}
}

function addressOf(spec: MachineSpec): string {
	return spec.cloudInit.addresses[0]!.cidr.replace(/\/.*/, "");
}
