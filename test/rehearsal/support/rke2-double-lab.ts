/** Machines with the RKE2 double, installed without the program, as RKE2's documentation describes it. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { destroyRun } from "../../../rehearsal/datacenter/destroy-run.ts";
import { NspawnHypervisor } from "../../../rehearsal/doubles/machines/nspawn-hypervisor.ts";
import { createNetwork } from "../../../rehearsal/doubles/network/network.ts";
import type { Hypervisor, MachineSpec } from "../../../rehearsal/doubles/proxmox/hypervisor.ts";
import { cachedRelease } from "../../../rehearsal/doubles/rke2/release/cached-release.ts";
import { describeRun } from "../../../rehearsal/run/run.ts";
import { setUp } from "../../../rehearsal/setup/index.ts";
import { eventually } from "./scenario.ts";

export const rke2Version = "v1.35.7+rke2r1";
export const virtualAddress = "10.25.20.29";
export const clusterToken = "a-token-of-the-test";

const execute = promisify(execFile);
const kubectlCommand = "sudo /var/lib/rancher/rke2/bin/kubectl --kubeconfig=/etc/rancher/rke2/rke2.yaml";

export interface Lab {
	hypervisor: Hypervisor;
	/** Boots a machine, and installs the double if the disk is new. */
	boot(machine: MachineSpec): Promise<void>;
	/** Standard output and error of a command on the machine; rejects with them when it fails. */
	ssh(machine: MachineSpec, command: string, input?: string | Buffer): Promise<string>;
	kubectl(machine: MachineSpec, command: string): Promise<string>;
	/** Runs a program in the machines' network. */
	outside(...command: [string, ...string[]]): Promise<string>;
	configure(machine: MachineSpec, config: string): Promise<void>;
	destroy(): Promise<void>;
}

export function machine(number: number, name: string): MachineSpec {
	return {
		vmId: 400 + number,
		name,
		host: "node01",
		cores: 2,
		memoryMiB: 4096,
		systemBytes: 40 * 2 ** 30,
		nics: [{ bridge: "vmbr1", tag: 20, mac: `BC:24:11:00:04:0${number}`, linkDown: false }],
		cloudInit: {
			hostname: name,
			user: "ops",
			sshKeys: [],
			addresses: [{ cidr: `10.25.20.${3 + number}/24`, gateway: "10.25.20.1" }],
			nameservers: ["10.25.20.1"],
			upgradesPackages: false,
		},
		systemVolume: `node01:local-nvme:vm-${400 + number}-disk-0`,
	};
}

export const addressOf = (spec: MachineSpec) => spec.cloudInit.addresses[0]!.cidr.replace(/\/.*/, "");

export async function createLab(): Promise<Lab> {
	const run = describeRun(`double-${process.pid}`);
	const toolbox = await setUp((line) => console.log(line));
	const directory = await mkdtemp(join(tmpdir(), "double-lab-"));
	const release = await cachedRelease(rke2Version, (line) => console.log(line));
	const identity = join(directory, "id");
	await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", identity]);
	const publicKey = (await readFile(`${identity}.pub`, "utf8")).trim();
	const network = await createNetwork(run, [{ bridge: "vmbr1", tag: 20, cidr: "10.25.20.1/24" }]);
	const hypervisor = new NspawnHypervisor({ run, network, toolbox });

	const outside = async (...command: [string, ...string[]]) => {
		const [program, ...args] = network.enter(command);
		return (await execute(program, args, { timeout: 10_000 })).stdout.trim();
	};
	const ssh = async (spec: MachineSpec, command: string, input: string | Buffer = "") => {
		const options = {
			IdentityFile: identity,
			StrictHostKeyChecking: "no",
			UserKnownHostsFile: "/dev/null",
			LogLevel: "ERROR",
			ConnectTimeout: "2",
		};
		const [program, ...args] = network.enter([
			"ssh",
			...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
			`ops@${addressOf(spec)}`,
			`{ ${command}\n} 2>&1`,
		]);
		const execution = execute(program, args, { timeout: 180_000 });
		execution.child.stdin?.end(input);
		try {
			return (await execution).stdout.trim();
		} catch (error) {
			const { stdout, stderr } = error as { stdout?: string; stderr?: string };
			throw new Error(`${spec.name}: ${command}: ${stdout}${stderr}`);
		}
	};
	const install = async (spec: MachineSpec) => {
		await ssh(
			spec,
			"sudo tar -xzf - -C /usr/local --no-same-owner && sudo systemctl daemon-reload",
			await readFile(join(release.directory, rke2Version, "rke2.linux-amd64.tar.gz")),
		);
	};
	return {
		hypervisor,
		ssh,
		outside,
		kubectl: (spec, command) => ssh(spec, `${kubectlCommand} ${command}`),
		configure: async (spec, config) => {
			await ssh(spec, "sudo install -D -m 0600 /dev/stdin /etc/rancher/rke2/config.yaml", config);
		},
		boot: async (spec) => {
			await hypervisor.start({ ...spec, cloudInit: { ...spec.cloudInit, sshKeys: [publicKey] } });
			await eventually(() => ssh(spec, "true"));
			if ((await ssh(spec, "ls /usr/local/bin")).includes("rke2")) {
				return;
			}
			await install(spec);
			await ssh(spec, "sudo install -m 0644 /usr/local/share/rke2/rke2-cis-sysctl.conf /etc/sysctl.d/60-rke2-cis.conf");
			await ssh(spec, "sudo systemctl restart systemd-sysctl");
			await ssh(spec, "sudo useradd --system --user-group --no-create-home --shell /usr/sbin/nologin etcd");
		},
		destroy: async () => {
			await destroyRun(run);
			await rm(directory, { recursive: true, force: true });
		},
	};
}
