/** The parts of the doctor that need no datacenter. */
import { describe, expect, test } from "vitest";
import { checkAddresses } from "../../../../src/doctor/checks/addresses.ts";
import { checkConnection } from "../../../../src/doctor/checks/connection.ts";
import { checkNames } from "../../../../src/doctor/checks/names.ts";
import { checkStorages } from "../../../../src/doctor/checks/storages.ts";
import { digestIn } from "../../../../src/doctor/checksums.ts";
import { neighbourIn } from "../../../../src/doctor/neighbours.ts";
import type { Surroundings } from "../../../../src/doctor/surroundings.ts";
import { ProxmoxApi } from "../../../../src/proxmox/api.ts";
import { labStack } from "../../../fixtures/lab.ts";

const digest = "ab".repeat(32);

describe("digestIn", () => {
	test.each([
		["text mode", `${digest}  noble.img\n`],
		["binary mode", `${"0".repeat(64)} *other.img\r\n${digest} *noble.img\r\n`],
		["a path", `${digest}  ./noble.img\n`],
		["the form of BSD", `# noble.img: 619773952 bytes\nSHA256 (noble.img) = ${digest.toUpperCase()}\n`],
	])("finds the digest in %s", (_, list) => expect(digestIn(list, "noble.img")).toBe(digest));

	test.each([
		["of another file", `${digest}  noble.img.tar\n`],
		["of another length", `${digest}00  noble.img\n`],
		["of another kind", `SHA512 (noble.img) = ${digest}\n`],
	])("finds no digest %s", (_, list) => expect(digestIn(list, "noble.img")).toBeUndefined());
});

test("neighbourIn takes complete entries only", () => {
	const table = [
		"IP address       HW type     Flags       HW address            Mask     Device",
		"10.25.20.4       0x1         0x2         bc:24:11:00:00:04     *        eth0",
		"10.25.20.5       0x1         0x0         00:00:00:00:00:00     *        eth0",
		"",
	].join("\n");
	expect(neighbourIn(table, "10.25.20.4")).toEqual({ by: "ARP", mac: "bc:24:11:00:00:04" });
	expect([neighbourIn(table, "10.25.20.5"), neighbourIn(table, "10.25.20.6")]).toEqual([undefined, undefined]);
});

const quiet: Surroundings = {
	resolve: async () => [],
	hasRoute: async () => true,
	isIn: () => false,
	machineAt: async () => undefined,
	fetch: async () => ({ failure: "none" }),
};

describe("the doctor, on a workstation outside the nodes' network", () => {
	test("says that ARP shows nothing, and does not miss the gateway", async () => {
		const found = await checkAddresses(labStack(), quiet, new Set());
		expect(found.map(({ kind, wrong }) => [kind, wrong])).toEqual([
			["unchecked", "network.cidr: this workstation is not in 10.25.20.0/24, so ARP shows no machine there"],
		]);
	});

	test("calls no address taken when nobody knows which nodes exist", async () => {
		const answering: Surroundings = { ...quiet, machineAt: async () => ({ by: "TCP" }) };
		const found = await checkAddresses(labStack(), answering, undefined);
		expect(found.map(({ kind, wrong }) => [kind, wrong.split(":")[0]])).toEqual([
			["unchecked", "nodes.<name>.address"],
			["unchecked", "network.cidr"],
		]);
	});

	test("does not look for machines at the address of a node that it reaches at another one", async () => {
		const answering: Surroundings = { ...quiet, machineAt: async () => ({ by: "TCP" }) };
		const nodes = Object.keys(labStack().nodes);
		const addresses = Object.fromEntries(nodes.map((name, index) => [name, `192.168.7.4:${2200 + index}`]));
		const found = await checkAddresses(labStack({ ssh: { addresses } }), answering, new Set());
		expect(found.filter(({ kind }) => kind === "mistake").map(({ wrong }) => wrong)).toEqual([
			"cluster.api.address: 10.25.20.29 is in use by a machine that answers there",
		]);
	});

	test("reports an address at which a machine answers, but not that of a node that an earlier up made", async () => {
		const surroundings: Surroundings = {
			...quiet,
			machineAt: async (address) => (address === "10.25.20.7" ? { by: "TCP" } : undefined),
		};
		const mistakes = async (existing: string[]) =>
			(await checkAddresses(labStack(), surroundings, new Set(existing))).filter(({ kind }) => kind === "mistake");
		expect((await mistakes([])).map(({ wrong }) => wrong)).toEqual([
			"nodes.proj-k8sw01.address: 10.25.20.7 is in use by a machine that answers there",
		]);
		expect(await mistakes(["proj-k8sw01"])).toEqual([]);
	});
});

describe("the doctor, for names of machines that the program reaches by SSH", () => {
	const addresses = { "proj-k8sw01": "nat.lab.internal:2207", "proj-k8sw02": "192.168.7.4:2208" };
	const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtxq0P0m4jYq0cQ3sGm3m6m2sV1o9p8n7k6j5h4g3f2";
	const bastion = { host: "bastion.lab.internal:2222", user: "jump", hostKey };
	const wrongNames = async (ssh: object) => (await checkNames(labStack({ ssh }), quiet)).map(({ wrong }) => wrong);

	test("reports those that cannot be resolved", async () => {
		expect(await wrongNames({ addresses })).toEqual([
			"ssh.addresses.proj-k8sw01: the name nat.lab.internal cannot be resolved here",
		]);
		expect(await wrongNames({ addresses: { "proj-k8sw02": "192.168.7.4:2208" } })).toEqual([]);
	});

	test("leaves those behind a bastion to the bastion", async () => {
		expect(await wrongNames({ addresses, bastion })).toEqual([
			"ssh.bastion.host: the name bastion.lab.internal cannot be resolved here",
		]);
	});
});

test("the doctor warns of an API name that leads elsewhere", async () => {
	const found = await checkNames(labStack(), { ...quiet, resolve: async () => ["10.0.0.1"] });
	expect(found.map(({ kind, wrong }) => [kind, wrong])).toEqual([
		[
			"warning",
			"cluster.api.hostname: api.k8s.lab.internal resolves to 10.0.0.1 here, and cluster.api.address is 10.25.20.29",
		],
	]);
	expect(await checkNames(labStack(), { ...quiet, resolve: async () => ["10.25.20.29"] })).toEqual([]);
});

test("the doctor does not ask Proxmox through a proxy that is none, and says how to mend it", async () => {
	const stack = labStack();
	const environment = { HTTPS_PROXY: "socks5://me:hunter2@10.0.0.1:1080" };
	const api = new ProxmoxApi(stack.proxmox.endpoint, "user@pve!name=uuid", environment);
	const { findings, answers } = await checkConnection(stack, api).finally(() => api.close());
	expect(answers).toBe(false);
	expect(findings).toEqual([
		{
			part: "connection",
			kind: "mistake",
			wrong: expect.stringMatching(/^Proxmox was not examined: HTTPS_PROXY is not the address of an HTTP proxy; /),
			mend: "correct the variable, or add 10.16.207.61 to NO_PROXY when it is reached directly",
		},
	]);
	expect(findings[0]?.wrong).not.toContain("hunter2");
});

describe("the doctor, with proxmox.snapshotsBeforeChange", () => {
	const found = async (type: string, snapshotsBeforeChange: object | null) => {
		const stack = labStack({ proxmox: { snapshotsBeforeChange } });
		const api = { get: async () => ({ type, content: "images,import", active: 1, avail: 2 ** 50 }) };
		const subject = { file: "", stack, api: api as unknown as ProxmoxApi, surroundings: quiet };
		return (await checkStorages({ ...subject, hosts: ["node01"], guests: [] })).map(({ wrong }) => wrong);
	};

	test.each(["dir", "nfs", "lvm"])("refuses a storage of the type %s for the disks, with the key", async (type) => {
		expect(await found(type, {})).toContain(
			`proxmox.snapshotsBeforeChange: the storage local-lvm on node01 (proxmox.vmDatastore) is of the type ${type}, which takes no snapshot of a raw disk`,
		);
		expect(await found(type, null)).toEqual([]);
	});

	test.each(["lvmthin", "zfspool", "rbd", "btrfs"])("takes one of the type %s", async (type) => {
		expect(await found(type, {})).toEqual([]);
	});
});
