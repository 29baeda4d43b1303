/** `npm run init` against the Proxmox double: the stack file that it writes passes the check and the doctor, and comes up. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { previewStack } from "../../compliance/evaluation/preview.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { stackSchema } from "../../src/config/schema/stack.ts";
import { proxmoxAccess } from "../../src/proxmox/privileges.ts";
import {
	examineFrom,
	gpu,
	healthy,
	host,
	imageDigest,
	mapping,
	publishers,
	rke2Digest,
	token,
} from "./support/doctor-clinic.ts";
import { type DoctorLab, labAddress } from "./support/doctor-lab.ts";
import { errors } from "./support/scenario.ts";
import { endLab, runIn, startLab } from "./support/segment.ts";

const directory = mkdtempSync(join(tmpdir(), "init-"));
afterAll(() => rmSync(directory, { recursive: true }));
const authority = join(directory, "authority.pem");

/** The role PVEAuditor: https://pve.proxmox.com/pve-docs/chapter-pveum.html#_roles */
const auditor = {
	id: "audit@pve!init",
	secret: "44444444-4444-4444-4444-444444444444",
	userAcl: [
		{
			path: "/",
			privileges: [
				...["Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"],
				"VM.GuestAgent.Audit",
			],
		},
	],
};
const unmapped = {
	...{ path: "0000:0c:00.0", id: "10de:2182", subsystemId: "10de:1333", iommuGroup: 22 },
	deviceName: "TU116 [GeForce GTX 1660 Ti]",
};
const sound = { ...unmapped, path: "0000:0c:00.1", class: "0x040300", id: "10de:1aeb" };
const address = (last: number) => ({ bridge: "vmbr1", cidr: `10.25.20.${last}/24`, gateway: "10.25.20.1" });
const datacenter: DoctorLab = {
	...healthy,
	authority,
	tokens: [auditor],
	hosts: [
		host("pve1", { address: address(201), bridges: ["vmbr1"] }),
		host("pve2", { address: address(202), pciDevices: [gpu], bridges: ["vmbr1", "vmbr9"] }),
		host("pve3", { address: address(203), pciDevices: [unmapped, sound], bridges: ["vmbr1"] }),
	],
	mappings: [{ ...mapping, description: "RTX A4000", map: mapping.map.map((one) => one.replace("node02", "pve2")) }],
	guests: [{ vmid: 203, host: "pve1", name: "files", memoryMiB: 4096 }],
};
const environment = { SSL_CERT_FILE: authority, PROXMOX_API_TOKEN: `${auditor.id}=${auditor.secret}` };
const needed = [
	...["--stack", "clinic", "--endpoint", `https://${labAddress}:8006/`],
	...["--api-address", "10.25.20.29", "--first-address", "10.25.20.28", "--workers", "3"],
	...["--image-url", `${publishers}/debian.qcow2`, "--image-sha256", imageDigest, "--rke2-sha256", rke2Digest],
];
const init = ["src/commands/init.ts"];

test("init reads Proxmox, and writes a stack file that passes the check, the doctor and a preview", async () => {
	const lab = await startLab(datacenter);
	const gpus = ["--gpus", "rtx-a4000@pve2,pve3-0c-00@pve3", "--first-vm-id", "202"];
	const printed = await runIn(lab, [...init, ...needed, ...gpus, "--json", "-"], environment, directory);
	const repeated = await runIn(lab, [...init, ...needed], environment, directory);
	endLab(lab);
	expect([printed.status, JSON.parse(printed.stdout)]).toEqual([
		0,
		{
			file: "Pulumi.clinic.yaml",
			ok: true,
			problems: [],
			warnings: expect.any(Array),
			secrets: [
				"pulumi stack init clinic",
				"npm run --silent proxmox:access -- Pulumi.clinic.yaml > access.sh",
				"pulumi config set --secret proxmoxApiToken",
				"openssl rand -hex 32 | pulumi config set --secret clusterToken",
			],
			next: ["npm run doctor -- Pulumi.clinic.yaml", "pulumi up --policy-pack policies"],
		},
	]);
	expect(printed.stderr).toMatch(/ {2}npm run doctor -- Pulumi\.clinic\.yaml\n {2}pulumi up --policy-pack policies\n$/);
	expect([repeated.status, repeated.stderr]).toEqual([
		2,
		"Pulumi.clinic.yaml exists; --force writes it anew, and keeps its secrets.\n",
	]);

	const file = join(directory, "Pulumi.clinic.yaml");
	const text = readFileSync(file, "utf8");
	expect(text).not.toContain(auditor.secret);
	const { config } = parse(text);
	const size = { cpus: 4, memoryGiB: 8 };
	const [server, worker] = [
		{ role: "control-plane", ...size, diskGiB: 60 },
		{ role: "worker", ...size, diskGiB: 100 },
	];
	expect(config).toMatchObject({
		"rke2-lab:proxmox": {
			version: 9,
			hosts: Object.fromEntries(["pve1", "pve2", "pve3"].map((name) => [name, { cpus: 16, memoryGiB: 64 }])),
			imageDatastore: "local",
			vmDatastore: "local-lvm",
		},
		"rke2-lab:network": {
			bridge: "vmbr1",
			cidr: "10.25.20.0/24",
			gateway: "10.25.20.1",
			nameservers: ["10.25.20.1"],
		},
		"rke2-lab:nodes": {
			server1: { ...server, host: "pve1", vmId: 202, address: "10.25.20.28" },
			server2: { ...server, host: "pve2", vmId: 204, address: "10.25.20.30" },
			server3: { ...server, host: "pve3", vmId: 205, address: "10.25.20.31" },
			worker1: { ...worker, host: "pve2", vmId: 206, address: "10.25.20.32", gpu: { mapping: "rtx-a4000" } },
			worker2: { ...worker, host: "pve3", vmId: 207, address: "10.25.20.33", gpu: { mapping: "pve3-0c-00" } },
			worker3: { ...worker, host: "pve3", vmId: 208, address: "10.25.20.34" },
		},
		"rke2-lab:gpus": {
			"rtx-a4000": { host: "pve2", model: "RTX A4000" },
			"pve3-0c-00": {
				host: "pve3",
				model: unmapped.deviceName,
				device: { path: "0000:0c:00", id: unmapped.id, subsystemId: unmapped.subsystemId, iommuGroup: 22 },
			},
		},
	});

	const values = Object.fromEntries(
		Object.entries(config).map(([key, value]) => [key.replace("rke2-lab:", ""), value]),
	);
	const { grants } = proxmoxAccess(stackSchema.parse(values));
	writeFileSync(
		file,
		text.replace(
			"config:\n",
			"config:\n  rke2-lab:clusterToken: { secure: a }\n  rke2-lab:proxmoxApiToken: { secure: b }\n",
		),
	);
	const clinic = await startLab({ ...datacenter, tokens: [{ ...token, userAcl: grants }] });
	const { findings } = await examineFrom(clinic, directory, {
		SSL_CERT_FILE: authority,
		PROXMOX_API_TOKEN: `${token.id}=${token.secret}`,
	});
	endLab(clinic);
	// The lab has no way to GitHub.
	expect(findings.map(({ kind, wrong }) => [kind, wrong.split(" (")[0]])).toEqual([
		["unchecked", "cluster.artifacts.sha256 could not be compared"],
	]);

	const machines = (await previewStack(values)).filter(({ type }) => type === "proxmoxve:index/vmLegacy:VmLegacy");
	expect(machines.map(({ name }) => name).sort()).toEqual(Object.keys(config["rke2-lab:nodes"]));
});

test("a stack file that init wrote from what it read in Proxmox comes up", async () => {
	const own = mkdtempSync(join(directory, "small-"));
	const lab = await startLab(datacenter);
	const size = ["--stack", "small", "--control-planes", "1", "--workers", "1", "--gpus", "pve3-0c-00@pve3"];
	const written = await runIn(lab, [...init, ...needed, ...size], environment, own);
	endLab(lab);
	expect(written.status).toBe(0);
	const rehearsal = await Rehearsal.open({
		name: "test-init",
		stack: "small",
		file: relative(process.cwd(), join(own, "Pulumi.small.yaml")),
		say: () => undefined,
	});
	try {
		expect(errors(await rehearsal.up())).toEqual([]);
		expect(await rehearsal.verify()).toMatchObject({ nodesReady: 2, etcdVoters: 1, problems: [] });
		expect(changeCount(await rehearsal.preview())).toBe(0);
	} finally {
		await rehearsal.close();
	}
});

test("init names every flag that is missing, and what it could not read", async () => {
	const own = mkdtempSync(join(directory, "missing-"));
	const lab = await startLab({ ...datacenter, tokens: [{ ...auditor, userAcl: [] }] });
	const [first, second] = [
		await runIn(lab, init, {}, own),
		await runIn(lab, [...init, ...needed.slice(0, 4)], environment, own),
	];
	endLab(lab);
	const flags = (text: string) =>
		[...text.replace(/ Usage:.*/s, "").matchAll(/--([a-z0-9-]+) [A-Z]/g)].map(([, name]) => name);
	const always = ["api-address", "first-address", "image-sha256", "rke2-sha256"];
	expect([first.status, flags(first.stderr)]).toEqual([
		2,
		["stack", "endpoint", "hosts", "cidr", "gateway", ...always],
	]);
	expect([second.status, flags(second.stderr)]).toEqual([2, ["hosts", "cidr", "gateway", ...always]]);
	expect(second.stdout.split("\n")).toEqual([
		"Not read: The sizes of the hosts need the privilege Sys.Audit on /nodes.",
		"Not read: GPUs without a resource mapping need the privilege Sys.Audit on /.",
		"Not read: Storages need the privilege Datastore.Audit on /storage.",
		"Not read: Bridges need the privilege SDN.Audit on /sdn/zones/localnetwork.",
		"",
	]);
	expect(readdirSync(own)).toEqual([]);
});
