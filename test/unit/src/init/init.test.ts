/** `npm run init` without a datacenter: answers, questions, and the stack file. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { stackSchema } from "../../../../src/config/schema/stack.ts";
import { ask, GivenUp, type Prompter, withAssumed } from "../../../../src/init/ask.ts";
import type { Datacenter } from "../../../../src/init/datacenter.ts";
import { stackFileDocument } from "../../../../src/init/document.ts";
import { keptOf } from "../../../../src/init/kept.ts";
import { type Answers, questionNames } from "../../../../src/init/questions.ts";
import { stackValues } from "../../../../src/init/stack-values.ts";
import { currentVersions } from "../../../../src/init/versions.ts";

const versions = currentVersions();
const [imageDigest, rke2Digest] = ["ab".repeat(32), "cd".repeat(32)];
/** The answers behind examples/Pulumi.minimal.yaml. */
const minimal: Answers = {
	stack: "minimal",
	endpoint: "https://192.168.0.11:8006/",
	hosts: "pve1:8:32",
	cidr: "192.168.0.0/24",
	gateway: "192.168.0.1",
	"api-hostname": "k8s.home.arpa",
	"api-address": "192.168.0.20",
	"first-address": "192.168.0.21",
	"control-plane-size": "2:4:40",
	"worker-size": "2:4:40",
	"image-sha256": imageDigest,
	"rke2-sha256": rke2Digest,
};

function valuesOf(answers: Answers, datacenter?: Datacenter) {
	const made = stackValues({ answers: withAssumed({ answers, datacenter, versions }).answers, datacenter, versions });
	if ("malformed" in made) {
		throw new Error(JSON.stringify(made.malformed));
	}
	return made.values;
}

const directory = mkdtempSync(join(tmpdir(), "init-"));
afterAll(() => rmSync(directory, { recursive: true }));

function init(answers: Answers, ...more: string[]): [status: number | null, stdout: string, stderr: string] {
	const flags = Object.entries(answers).flatMap(([name, value]) => [`--${name}`, `${value}`]);
	const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("src/commands/init.ts"), ...flags, ...more], {
		cwd: directory,
		encoding: "utf8",
		env: { ...process.env, PROXMOX_API_TOKEN: "" },
	});
	return [status, stdout, stderr];
}

test("init makes the cluster of the smallest example, which a rehearsal brings up, from its answers", () => {
	const { config } = parse(readFileSync("examples/Pulumi.minimal.yaml", "utf8"));
	const example = Object.fromEntries(
		Object.entries<Record<string, unknown>>(config).map(([key, value]) => [key.replace("rke2-lab:", ""), value]),
	);
	example.cluster!.artifacts = { sha256: rke2Digest };
	example.proxmox!.image = { ...(example.proxmox!.image as object), sha256: imageDigest };
	const { server, worker } = example.nodes!;
	example.nodes = { server1: server, worker1: worker };
	expect(stackSchema.parse(valuesOf(minimal))).toEqual(stackSchema.parse(example));
});

describe("the nodes", () => {
	const datacenter: Datacenter = {
		version: 8,
		hosts: ["pve1", "pve2", "pve3"].map((name) => ({ name, cpus: 16, memoryGiB: 64 })),
		storages: [
			{ name: "nfs", content: ["import"] },
			{ name: "tank", content: ["images"] },
		],
		bridges: [{ name: "vmbr5", cidr: "192.168.0.5/24", gateway: "192.168.0.1" }],
		gpus: [],
		vmIds: [100, 301, 303],
		unread: [],
	};
	const { hosts: _, cidr: _cidr, gateway: _gateway, ...unread } = minimal;

	test("get hosts in turn, free ids, and addresses that nothing in the stack file has", () => {
		const answers = { ...unread, workers: "4", "first-vm-id": "302", "first-address": "192.168.0.10" };
		const { nodes, proxmox, network } = valuesOf(answers, datacenter);
		expect(Object.entries(nodes!).map(([name, node]) => [name, ...Object.values(node as object).slice(1, 4)])).toEqual([
			["server1", "pve1", 302, "192.168.0.10"],
			["server2", "pve2", 304, "192.168.0.12"],
			["server3", "pve3", 305, "192.168.0.13"],
			["worker1", "pve1", 306, "192.168.0.14"],
			["worker2", "pve2", 307, "192.168.0.15"],
			["worker3", "pve3", 308, "192.168.0.16"],
			["worker4", "pve1", 309, "192.168.0.17"],
		]);
		expect(proxmox).toMatchObject({ version: 8, imageDatastore: "nfs", vmDatastore: "tank" });
		expect(network).toMatchObject({ bridge: "vmbr5", cidr: "192.168.0.0/24", gateway: "192.168.0.1" });
	});

	test("have no network that is only assumed when they are in a VLAN", () => {
		const { missing } = withAssumed({ answers: { ...unread, vlan: "20" }, datacenter, versions });
		expect(missing).toEqual(["cidr", "gateway"]);
	});
});

test("init refuses every answer that it cannot read at once, and names the flag", () => {
	const wrong = {
		hosts: "pve1",
		vlan: "x",
		gpus: "card",
		workers: "0",
		"control-plane-size": "4:8",
		"first-address": "192.168.0",
		"first-vm-id": "7",
	};
	const [status, , stderr] = init({ ...minimal, ...wrong });
	expect([status, stderr.split(". Usage:")[0]!.split("; ")]).toEqual([
		2,
		[
			"--hosts must be NAME:CPUS:GIB for each host such as pve1:16:64, found pve1",
			"--gpus must be NAME@HOST for each GPU such as rtx-a4000@pve1, found card",
			"--workers must be at least 1, one for each of the GPUs, found 0",
			"--control-plane-size must be CPUS:GIB:DISK such as 4:8:60, found 4:8",
			"--first-vm-id must be a whole number from 100 on, found 7",
			"--first-address must be an IPv4 address, found 192.168.0",
			"--vlan must be a whole number from 1 on, found x",
		],
	]);
	expect(readdirSync(directory)).toEqual([]);
});

test("init writes nothing when the check would refuse the file, and says which key", () => {
	const [status, , stderr] = init({ ...minimal, "api-address": "192.168.1.20", "image-sha256": "abc" });
	expect(status).toBe(1);
	expect(stderr).toContain("Pulumi.minimal.yaml would not be accepted\nThe stack configuration has 2 mistakes");
	expect(stderr).toContain("proxmox.image.sha256: ");
	expect(stderr).toContain("cluster.api.address: ");
	expect(readdirSync(directory)).toEqual([]);
});

test("init --force writes a file anew, and keeps its encryption and its secrets only", () => {
	const file = join(directory, "Pulumi.minimal.yaml");
	const old = {
		encryptionsalt: "v1:salt",
		config: { "rke2-lab:clusterToken": { secure: "v1:token" }, "rke2-lab:ssh": { user: "admin" } },
	};
	writeFileSync(file, JSON.stringify(old));
	const [status, stdout] = init(minimal, "--force");
	const { encryptionsalt, config } = parse(readFileSync(file, "utf8"));
	expect([status, encryptionsalt]).toEqual([0, "v1:salt"]);
	expect(config).toMatchObject({ "rke2-lab:clusterToken": { secure: "v1:token" } });
	expect(config).not.toHaveProperty("rke2-lab:ssh");
	expect(stdout).toContain("pulumi config set --secret proxmoxApiToken\n");
	expect(stdout).toContain("is written, with its encrypted clusterToken.");
	expect(stdout).not.toContain("--secret clusterToken");
});

test("init --force keeps a secret in Pulumi's older spelling, and the settings of other packages", () => {
	const text = JSON.stringify({
		config: { "rke2-lab:config:clusterToken": { secure: "v1:token" }, "aws:secretKey": { secure: "v1:key" } },
	});
	expect(keptOf(text, "rke2-lab")).toEqual({
		kept: {
			top: {},
			secrets: { clusterToken: { secure: "v1:token" } },
			others: { "aws:secretKey": { secure: "v1:key" } },
		},
		problems: [],
	});
});

test("init --force writes nothing when a secret could not stay, and says which one", () => {
	const file = join(directory, "Pulumi.minimal.yaml");
	const text = JSON.stringify({
		config: { "rke2-lab:clusterToken": "hunter2", "rke2-lab:ssh": { user: { secure: "v1:x" } } },
	});
	writeFileSync(file, text);
	const [status, , stderr] = init(minimal, "--force");
	expect(status).toBe(2);
	expect(stderr).toContain(
		"Pulumi.minimal.yaml stays as it is: rke2-lab:clusterToken is in clear text; encrypt it with `pulumi config set --secret clusterToken`; rke2-lab:ssh has an encrypted value",
	);
	expect(stderr).not.toContain("hunter2");
	expect([readFileSync(file, "utf8"), readdirSync(directory)]).toEqual([text, ["Pulumi.minimal.yaml"]]);
});

test("every decision of the file has a comment", () => {
	const answers = { ...minimal, gpus: "rtx-a4000@pve1", domain: "home.example", email: "me@home.example", vlan: "20" };
	const lines = stackFileDocument("rke2-lab", valuesOf(answers)).split("\n");
	const uncommented = lines.filter((line, index) => /^\s+[\w:-]+:/.test(line) && !lines[index - 1]!.includes("# "));
	// They explain themselves, or belong to the line above.
	expect(uncommented.map((line) => line.trim().split(":")[0])).toEqual([
		...["sha256", "rke2-lab", "pve1", "url", "sha256", "fileName", "rke2-lab", "cidr", "gateway", "nameservers"],
		...["server1", "worker1", "rtx-a4000", "rke2-lab"],
	]);
});

describe("ask", () => {
	const asked: string[] = [];
	const answering = (answer: string | undefined): Prompter => ({
		text: async (message, initial) => {
			asked.push(`${message} [${initial}]`);
			return answer === "" ? initial : answer;
		},
		choose: async (message, choices, initial) => {
			asked.push(`${message} (${choices.map(({ value }) => value)}) [${initial}]`);
			return initial;
		},
		chooseSeveral: async () => [],
		hidden: async () => undefined,
	});

	test("asks what has no answer, and proposes what Proxmox told", async () => {
		const datacenter: Datacenter = {
			...{ version: 9, hosts: [], storages: [{ name: "tank", content: ["images"] }], bridges: [] },
			...{ gpus: [], vmIds: [], unread: [] },
		};
		const answers = await ask(
			["stack", "vm-datastore", "bridge"],
			{ answers: { stack: "a" }, datacenter, versions },
			answering(""),
		);
		expect(answers).toEqual({ stack: "a", "vm-datastore": "tank", bridge: "vmbr0" });
		expect(asked).toEqual(["Storage for the disks (tank) [tank]", "Bridge of the nodes' network [vmbr0]"]);
	});

	test("gives up when the person does", async () => {
		await expect(ask(questionNames, { answers: {}, versions }, answering(undefined))).rejects.toThrow(GivenUp);
	});
});
