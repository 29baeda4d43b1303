/** The program's own machines against the Proxmox API double, on every engine of this machine, with the least privileges. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine, EngineOptions, EngineResult } from "../../rehearsal/engine/engine.ts";
import { findEngine } from "../../rehearsal/engine/find.ts";
import type { HostDescription } from "../../rehearsal/proxmox/descriptions.ts";
import type { ProxmoxState } from "../../rehearsal/proxmox/proxmox.ts";
import type { RecordedRequest } from "../../rehearsal/proxmox/server/request-log.ts";
import { mergePatch } from "../../rehearsal/stack/merge-patch.ts";
import { type StackConfig, stackSchema } from "../../src/config/schema.ts";
import { type Grant, proxmoxAccess } from "../../src/proxmox/privileges.ts";
import { a4000, host, image, type Lab, startLab, token } from "../unit/proxmox-double-fixture.ts";

const project = fileURLToPath(new URL("../fixtures/engine-programs/machines", import.meta.url));
const best = await findEngine(undefined, project);
const engines = best.name === "embedded" ? [best] : [await findEngine("embedded", project), best];

/** What a test changes in the stack file, as a JSON merge patch. */
type Change = Record<string, unknown>;

/** A control plane, and a worker with the card of node02. */
function stackFile(port: number, change: Change): StackConfig {
	const size = { cpus: 8, memoryGiB: 8, diskGiB: 40 };
	const { path, id, subsystemId, iommuGroup } = a4000;
	const base = {
		cluster: {
			name: "lab",
			version: "v1.35.7+rke2r1",
			artifacts: { sha256: "a".repeat(64) },
			api: { address: "10.25.20.29", hostname: "api.lab.internal" },
		},
		proxmox: {
			endpoint: `https://127.0.0.1:${port}/`,
			hosts: { node01: { cpus: 16, memoryGiB: 64 }, node02: { cpus: 16, memoryGiB: 64 } },
			image: { url: image.url, sha256: image.checksums.sha256, fileName: "debian-13.qcow2" },
		},
		network: {
			bridge: "vmbr1",
			vlan: 20,
			cidr: "10.25.20.0/24",
			gateway: "10.25.20.1",
			nameservers: ["10.25.20.3", "10.25.10.3"],
		},
		nodes: {
			k8sm01: { role: "control-plane", host: "node01", vmId: 104, address: "10.25.20.4", ...size },
			k8sw01: {
				...{ role: "worker", host: "node02", vmId: 110, address: "10.25.20.10", ...size },
				gpu: { mapping: "rtx-a4000" },
			},
		},
		gpus: { "rtx-a4000": { host: "node02", model: "RTX A4000", device: { path, id, subsystemId, iommuGroup } } },
		platform: {
			traefik: { version: "41.3.0" },
			certManager: { version: "v1.21.1", email: "admin@example.org", domain: "example.org" },
			metallb: { version: "0.16.1", pool: ["10.25.20.30-10.25.20.35"] },
			gpuOperator: { version: "v26.7.0" },
		},
	};
	return stackSchema.parse(mergePatch(base, change));
}

class Datacenter {
	readonly lab: Lab;
	readonly #engine: Engine;
	readonly #directory = mkdtempSync(join(tmpdir(), "proxmox-machines-"));

	constructor(lab: Lab, engine: Engine) {
		this.lab = lab;
		this.#engine = engine;
		writeFileSync(this.#authority, lab.caPem);
		onTestFinished(() => rmSync(this.#directory, { recursive: true }));
	}

	up(change: Change = {}): Promise<EngineResult> {
		return this.#engine.up(this.#options(change));
	}

	preview(change: Change = {}): Promise<EngineResult> {
		return this.#engine.preview(this.#options(change));
	}

	destroy(change: Change = {}): Promise<EngineResult> {
		return this.#engine.destroy(this.#options(change));
	}

	/** What a machine would lose if it was made again or started again. */
	identities(): unknown[] {
		return this.lab.proxmox
			.state()
			.vms.map(({ vmId, status, configuration }) => [vmId, status, configuration.smbios1, configuration.net0]);
	}

	/** What was asked of the API since the last call, without the polling of tasks. */
	takeRequests(): RecordedRequest[] {
		return this.lab.proxmox.requests.splice(0).filter(({ path }) => !path.includes("/tasks/"));
	}

	#options(change: Change): EngineOptions {
		const stack = JSON.stringify(stackFile(this.lab.port, change));
		return {
			projectDirectory: project,
			stack: "test",
			stateDirectory: this.#directory,
			environment: { SSL_CERT_FILE: this.#authority, NODE_EXTRA_CA_CERTS: this.#authority },
			config: {
				"engine-machines:stack": { value: stack, secret: false },
				"engine-machines:proxmoxApiToken": { value: `${token.id}=${token.secret}`, secret: true },
			},
		};
	}

	get #authority(): string {
		return join(this.#directory, "ca.pem");
	}
}

/** The hosts of the stack file, each with its storage for disks; the card is in node02. */
function hostsOf({ proxmox }: StackConfig): HostDescription[] {
	return Object.keys(proxmox.hosts).map((name) => {
		const described = host(name, name === "node02" ? [a4000] : []);
		const storages = described.storages.map((storage) =>
			storage.content.includes("images") ? { ...storage, name: proxmox.vmDatastore } : storage,
		);
		return { ...described, storages };
	});
}

/** @param granted the stack, as a change, that the token has the privileges for */
async function openDatacenter(engine: Engine, granted: Change = {}): Promise<Datacenter> {
	const stack = stackFile(0, granted);
	const { grants } = proxmoxAccess(stack);
	return new Datacenter(
		await startLab({ hosts: hostsOf(stack), mappings: [], tokens: [{ ...token, userAcl: grants }] }),
		engine,
	);
}

const changing = (requests: RecordedRequest[]): string[] =>
	requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
/** Every call that changes something, with its parameters in alphabetical order. */
const changingWith = (requests: RecordedRequest[]): string[] =>
	requests
		.filter(({ method }) => method !== "GET")
		.map(({ method, path, parameters }) => {
			// Sets, which the plugin writes in any order.
			const sorted = (key: string, value: unknown) =>
				["nodes", "resources"].includes(key) ? String(value).split(",").sort().join() : value;
			const shown = Object.entries(parameters).map(([key, value]) => `${key}=${sorted(key, value)}`);
			return [method, path, ...shown.sort()].join(" ").replaceAll(/(rke2-(nodes|servers))-[0-9a-f]{8}/g, "$1-XX");
		});
const errors = (result: EngineResult): string[] =>
	result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
const changes = ({ changes: { create, update, replace, delete: deleted } }: EngineResult): number =>
	create + update + replace + deleted;

/** What a datacenter holds when the program has left. */
const empty: ProxmoxState = {
	vms: [],
	volumes: [],
	pools: {},
	backupJobs: {},
	highAvailability: { resources: {}, rules: {} },
	runningTasks: [],
};

interface Switch {
	name: string;
	change: Change;
	/** Calls that change something, in any order. */
	on: string[];
	off: string[];
	/** Where switching on again differs from the first time. */
	again?: string[];
}

const put = "PUT /nodes/node02/qemu/110/config";
const diskTail = "ssd=1,discard=on,cache=none,replicate=1";
// The plugin writes every disk again when one of them changes.
const system = `scsi0=file=local-lvm:vm-110-disk-1,aio=io_uring,backup=1,iothread=1,${diskTail}`;

const firewallOf = { k8sm01: "/nodes/node01/qemu/104/firewall", k8sw01: "/nodes/node02/qemu/110/firewall" };
const filter = (path: string, enable: 0 | 1) =>
	`PUT ${path}/options dhcp=0 enable=${enable} ipfilter=0 log_level_in=nolog log_level_out=nolog macfilter=1 ndp=0 policy_in=DROP policy_out=ACCEPT radv=1`;
const filterRule = (path: string, comment: string, proto: string, dport: string, source: string) =>
	`POST ${path}/rules action=ACCEPT comment=${comment} dest= dport=${dport} enable=1 macro= proto=${proto} source=${source} sport= type=in`;
const [everyNode, everyServer] = ["rke2-nodes-XX", "rke2-servers-XX"];
const commonRules = (path: string) => [
	filterRule(path, "SSH", "tcp", "22", "10.16.207.0/24"),
	filterRule(path, "kubelet", "tcp", "10250", `+guest/${everyNode}`),
	filterRule(path, "health of Canal", "tcp", "9099", `+guest/${everyNode}`),
	filterRule(path, "Canal over VXLAN", "udp", "8472", `+guest/${everyNode}`),
];

const switches: Switch[] = [
	{
		name: "the firewall",
		change: {
			proxmox: { firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"], clientCidrs: ["10.25.0.0/16"] } },
		},
		on: [
			...Object.values(firewallOf).flatMap((path) => [
				`POST ${path}/ipset comment=nodes of the cluster name=${everyNode}`,
				`POST ${path}/ipset/${everyNode} cidr=10.25.20.10`,
				`POST ${path}/ipset/${everyNode} cidr=10.25.20.4`,
				...commonRules(path),
				filter(path, 1),
			]),
			`POST ${firewallOf.k8sm01}/ipset comment=control planes name=${everyServer}`,
			`POST ${firewallOf.k8sm01}/ipset/${everyServer} cidr=10.25.20.4`,
			filterRule(firewallOf.k8sm01, "Kubernetes API", "tcp", "6443", `+guest/${everyNode}`),
			filterRule(firewallOf.k8sm01, "Kubernetes API for administrators", "tcp", "6443", "10.16.207.0/24"),
			filterRule(firewallOf.k8sm01, "registration of nodes", "tcp", "9345", `+guest/${everyNode}`),
			filterRule(firewallOf.k8sm01, "etcd", "tcp", "2379:2381", `+guest/${everyServer}`),
			filterRule(firewallOf.k8sw01, "ingress", "tcp", "80,443", "10.25.0.0/16"),
		],
		off: [
			...Object.values(firewallOf).flatMap((path) => [
				filter(path, 0),
				`DELETE ${path}/ipset/${everyNode}`,
				`DELETE ${path}/ipset/${everyNode}/10.25.20.10`,
				`DELETE ${path}/ipset/${everyNode}/10.25.20.4`,
			]),
			`DELETE ${firewallOf.k8sm01}/ipset/${everyServer}`,
			`DELETE ${firewallOf.k8sm01}/ipset/${everyServer}/10.25.20.4`,
			...[7, 6, 5, 4, 3, 2, 1, 0].map((position) => `DELETE ${firewallOf.k8sm01}/rules/${position}`),
			...[4, 3, 2, 1, 0].map((position) => `DELETE ${firewallOf.k8sw01}/rules/${position}`),
		],
	},
	{
		name: "a data disk",
		change: { nodes: { k8sw01: { dataDiskGiB: 100 } } },
		on: [
			`${put} name=k8sw01 ${system} scsi1=file=local-lvm:100,aio=io_uring,backup=1,iothread=1,serial=rke2-data,${diskTail}`,
		],
		off: [`${put} delete=scsi1 name=k8sw01 ${system}`],
	},
	{
		name: "the start order",
		change: { proxmox: { startOrder: true } },
		on: [
			"PUT /nodes/node01/qemu/104/config name=k8sm01 startup=order=1,up=30",
			`${put} name=k8sw01 startup=order=2,up=10`,
		],
		off: ["PUT /nodes/node01/qemu/104/config delete=startup name=k8sm01", `${put} delete=startup name=k8sw01`],
	},
	{
		name: "a resource pool",
		change: { proxmox: { pool: "rke2" } },
		on: [
			"POST /pools comment=lab, managed by Pulumi poolid=rke2",
			"PUT /pools allow-move=1 poolid=rke2 vms=104",
			"PUT /pools allow-move=1 poolid=rke2 vms=110",
		],
		off: [
			"PUT /pools delete=1 poolid=rke2 vms=104",
			"PUT /pools delete=1 poolid=rke2 vms=110",
			"DELETE /pools poolid=rke2",
		],
	},
	{
		name: "a backup job",
		change: { proxmox: { backup: { storage: "pbs", schedule: "02:00", retention: { keepDaily: 14, keepWeekly: 4 } } } },
		on: [
			"POST /cluster/backup enabled=1 fleecing=enabled=1,storage=local-lvm id=rke2-lab mode=snapshot notes-template={{guestname}} prune-backups=keep-daily=14,keep-weekly=4 schedule=02:00 storage=pbs vmid=104,110",
		],
		off: ["DELETE /cluster/backup/rke2-lab"],
	},
	{
		name: "high availability",
		change: { proxmox: { highAvailability: true, sharedVmDatastore: true } },
		on: [
			// The provider is told to move the machine rather than to replace it; Proxmox only hears its name.
			"PUT /nodes/node01/qemu/104/config name=k8sm01",
			"POST /cluster/ha/resources sid=vm:104 state=started type=vm",
			"POST /cluster/ha/rules disable=0 nodes=node01:1,node02:1 resources=vm:104 rule=rke2-lab-hosts strict=1 type=node-affinity",
		],
		off: [
			"DELETE /cluster/ha/rules/rke2-lab-hosts",
			"DELETE /cluster/ha/resources/vm:104",
			"PUT /nodes/node01/qemu/104/config name=k8sm01",
		],
	},
	{
		name: "inventory ids and tags",
		change: {
			inventory: { serviceId: "SVC-0023", owner: "Infrastructure Team" },
			proxmox: { tags: ["ubuntu-24.04"] },
			nodes: { k8sw01: { cmdbId: "VM-0010" } },
		},
		on: [
			"PUT /nodes/node01/qemu/104/config description=control-plane of lab; SVC-0023; owner: Infrastructure Team; managed by Pulumi name=k8sm01 tags=control-plane;lab;rke2;svc-0023;ubuntu-24.04",
			`${put} description=worker of lab; VM-0010 of SVC-0023; owner: Infrastructure Team; managed by Pulumi name=k8sw01 tags=lab;rke2;svc-0023;ubuntu-24.04;vm-0010;worker`,
		],
		off: [
			"PUT /nodes/node01/qemu/104/config description=control-plane of lab; managed by Pulumi name=k8sm01 tags=control-plane;lab;rke2",
			`${put} description=worker of lab; managed by Pulumi name=k8sw01 tags=lab;rke2;worker`,
		],
	},
];

/**
 * Stack, provider, components: Machines, CloudImage, GpuMappings, two VirtualMachine and two MachineFirewall; two images, a
 * mapping, two VMs, the options of two firewalls.
 */
const resources = 16;

describe.each(engines)("machines on the $name engine", (engine) => {
	test("come up, need nothing, change without a restart and go, all with the least privileges", async () => {
		const datacenter = await openDatacenter(engine);
		const { proxmox, hypervisor } = datacenter.lab;
		const up = await datacenter.up();
		expect(errors(up)).toEqual([]);
		expect(up.changes.create).toBe(resources);
		const requests = datacenter.takeRequests();
		expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
		for (const [host, vmId] of [
			["node01", 104],
			["node02", 110],
		]) {
			expect(changing(requests).filter((line) => line.includes(`/nodes/${host}/`))).toEqual([
				`POST /nodes/${host}/storage/local/download-url`,
				`POST /nodes/${host}/qemu`,
				`PUT /nodes/${host}/qemu/${vmId}/resize`,
				`POST /nodes/${host}/qemu/${vmId}/status/start`,
				`PUT /nodes/${host}/qemu/${vmId}/firewall/options`,
			]);
		}
		expect([...hypervisor.running.keys()].sort()).toEqual([104, 110]);

		expect(changes(await datacenter.preview())).toBe(0);
		expect(changes(await datacenter.up())).toBe(0);
		expect(changing(datacenter.takeRequests())).toEqual([]);

		const bigger = { nodes: { k8sm01: { memoryGiB: 16 }, k8sw01: { memoryGiB: 16 } } };
		expect((await datacenter.up(bigger)).changes.update).toBe(2);
		expect(changing(datacenter.takeRequests()).sort()).toEqual([
			"PUT /nodes/node01/qemu/104/config",
			"PUT /nodes/node02/qemu/110/config",
		]);
		// The machines still have what they were started with: the convergence chain restarts them, one by one.
		for (const { current, configuration } of proxmox.state().vms) {
			expect([current.memory, configuration.memory]).toEqual(["8192", "16384"]);
		}
		expect(changes(await datacenter.preview(bigger))).toBe(0);

		const destroyed = await datacenter.destroy(bigger);
		expect(errors(destroyed)).toEqual([]);
		expect(destroyed.changes.delete).toBe(resources);
		await expect.poll(() => proxmox.state()).toEqual(empty);
		expect(hypervisor.running.size).toBe(0);
	});

	test.each(switches)(
		"$name: on, off and on again is what it should be, and no machine is made again or restarted",
		async ({ change, on, off, again = on }) => {
			const datacenter = await openDatacenter(engine, change);
			expect(errors(await datacenter.up())).toEqual([]);
			const machines = datacenter.identities();
			datacenter.takeRequests();
			for (const [wanted, calls] of [
				[change, on],
				[{}, off],
				[change, again],
			] as const) {
				const up = await datacenter.up(wanted);
				expect(errors(up)).toEqual([]);
				expect(up.changes.replace).toBe(0);
				const requests = datacenter.takeRequests();
				expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
				expect(changingWith(requests).sort()).toEqual([...calls].sort());
				expect(datacenter.identities()).toEqual(machines);
				expect(changes(await datacenter.preview(wanted))).toBe(0);
			}
			expect(errors(await datacenter.destroy(change))).toEqual([]);
			await expect.poll(() => datacenter.lab.proxmox.state()).toEqual(empty);
		},
	);

	test("a protected control plane outlives a destroy, and goes once its protection is off", async () => {
		const datacenter = await openDatacenter(engine);
		const { proxmox } = datacenter.lab;
		const protectedOnes = { proxmox: { protectControlPlanes: true } };
		expect(errors(await datacenter.up(protectedOnes))).toEqual([]);
		const refused = await datacenter.destroy(protectedOnes);
		expect(errors(refused).join("\n")).toContain("can't remove VM 104 - protection mode enabled");
		await expect.poll(() => proxmox.state().vms.map(({ vmId }) => vmId)).toEqual([104]);

		expect(errors(await datacenter.up())).toEqual([]);
		expect(errors(await datacenter.destroy())).toEqual([]);
		await expect.poll(() => proxmox.state()).toEqual(empty);
	});

	test("without Sys.Modify on / a start order is refused, and the error names the privilege", async () => {
		const datacenter = await openDatacenter(engine);
		const refused = await datacenter.up({ proxmox: { startOrder: true } });
		expect(errors(refused).join("\n")).toContain("Permission check failed (/, Sys.Modify)");
	});

	test("the whole datacenter: pool, backup, high availability and firewall on, off and on again", async () => {
		const server = { role: "control-plane", cpus: 8, memoryGiB: 8, diskGiB: 40 };
		const hosts = { node03: { cpus: 16, memoryGiB: 64 } };
		const base = {
			proxmox: { hosts, vmDatastore: "ceph" },
			nodes: {
				k8sm02: { ...server, host: "node02", vmId: 105, address: "10.25.20.5" },
				k8sm03: { ...server, host: "node03", vmId: 106, address: "10.25.20.6" },
			},
		};
		const all = mergePatch(base, {
			proxmox: {
				pool: "rke2",
				backup: { storage: "pbs", retention: { keepDaily: 14 } },
				highAvailability: true,
				sharedVmDatastore: true,
				firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] },
			},
		}) as Change;
		const datacenter = await openDatacenter(engine, all);
		const { proxmox } = datacenter.lab;
		expect(errors(await datacenter.up(base))).toEqual([]);
		const machines = datacenter.identities();

		const on = {
			pools: { rke2: [104, 105, 106, 110] },
			backupJobs: { "rke2-lab": { vmid: "104,105,106,110", "prune-backups": "keep-daily=14" } },
			highAvailability: {
				// The machine with the card stays where the card is.
				resources: { "vm:104": {}, "vm:105": {}, "vm:106": {} },
				rules: {
					"rke2-lab-hosts": { strict: true, nodes: { node01: 1, node02: 1, node03: 1 } },
					"rke2-lab-control-planes-apart": { affinity: "negative", resources: ["vm:104", "vm:105", "vm:106"] },
				},
			},
		};
		const { pools, backupJobs, highAvailability } = empty;
		for (const [wanted, state, filtered] of [
			[all, on, "1"],
			[base, { pools, backupJobs, highAvailability }, "0"],
			[all, on, "1"],
		] as const) {
			const up = await datacenter.up(wanted);
			expect(errors(up)).toEqual([]);
			expect(up.changes.replace).toBe(0);
			expect(datacenter.takeRequests().filter(({ status }) => status !== 200)).toEqual([]);
			expect(proxmox.state()).toMatchObject(state);
			expect(new Set(proxmox.state().vms.map(({ firewall }) => firewall.options.enable))).toEqual(new Set([filtered]));
			expect(datacenter.identities()).toEqual(machines);
			expect(changes(await datacenter.preview(wanted))).toBe(0);
		}
		expect(errors(await datacenter.destroy(all))).toEqual([]);
		await expect.poll(() => proxmox.state()).toEqual(empty);
	});

	test("a machine that is made again is filtered, pooled, backed up and kept available again", async () => {
		const shared = { pool: "rke2", backup: { storage: "pbs", retention: { keepLast: 3 } } };
		const firewall = { enabled: true, adminCidrs: ["10.16.207.0/24"] };
		const first = { proxmox: { ...shared, firewall, highAvailability: true, sharedVmDatastore: true } };
		const datacenter = await openDatacenter(engine, first);
		const { proxmox } = datacenter.lab;
		expect(errors(await datacenter.up(first))).toEqual([]);

		// Under another id, and then, without high availability, on another host.
		const renumbered = mergePatch(first, { nodes: { k8sm01: { vmId: 204 } } }) as Change;
		const moved = { proxmox: { ...shared, firewall }, nodes: { k8sm01: { vmId: 204, host: "node02" } } };
		for (const [wanted, managed] of [
			[renumbered, { "vm:204": { state: "started" } }],
			[moved, {}],
		] as const) {
			expect(errors(await datacenter.up(wanted))).toEqual([]);
			const { vms, pools, backupJobs, highAvailability } = proxmox.state();
			expect(pools.rke2).toEqual(expect.arrayContaining([110, 204]));
			expect(backupJobs["rke2-lab"]?.vmid).toBe("110,204");
			expect(highAvailability.resources).toEqual(managed);
			expect(Object.values(highAvailability.rules).map(({ resources }) => resources)).toEqual(
				Object.keys(managed).map((id) => [id]),
			);
			const { options, rules } = vms.find(({ vmId }) => vmId === 204)!.firewall;
			expect([options.enable, rules.length > 0]).toEqual(["1", true]);
			expect(changes(await datacenter.preview(wanted))).toBe(0);
		}
	});

	test("behind the firewall a node goes, and no rule is without its addresses meanwhile", async () => {
		const datacenter = await openDatacenter(engine);
		const proxmox = { firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] } };
		expect(errors(await datacenter.up({ proxmox }))).toEqual([]);
		datacenter.takeRequests();
		const smaller = { proxmox, nodes: { k8sw01: null }, gpus: { "rtx-a4000": null } };
		expect(errors(await datacenter.up(smaller))).toEqual([]);

		const calls = changing(datacenter.takeRequests()).filter((line) => line.includes(firewallOf.k8sm01));
		const made = calls.findLastIndex((line) => line.startsWith("POST") && line.includes("/ipset"));
		const used = calls.findIndex((line) => line.includes("/rules"));
		const gone = calls.findIndex((line) => line.startsWith("DELETE") && line.includes("/ipset"));
		expect([made < used, used < gone]).toEqual([true, true]);
		const [{ firewall }] = datacenter.lab.proxmox.state().vms as [ProxmoxState["vms"][number]];
		expect(Object.values(firewall.sets)).toEqual([["10.25.20.4"], ["10.25.20.4"]]);
		expect(firewall.rules.map(({ dport, comment }) => `${dport} ${comment}`)).toEqual([
			"22 SSH",
			"10250 kubelet",
			"9099 health of Canal",
			"8472 Canal over VXLAN",
			"6443 Kubernetes API",
			"6443 Kubernetes API for administrators",
			"9345 registration of nodes",
			"2379:2381 etcd",
		]);
		for (const { source = "" } of firewall.rules.filter((rule) => rule.source?.startsWith("+"))) {
			expect(Object.keys(firewall.sets)).toContain(source.replace("+guest/", ""));
		}
		expect(changes(await datacenter.preview(smaller))).toBe(0);
	});

	test.each([
		["a VM that cannot be made", { type: "qmcreate", id: "104" }, "unable to create VM 104 - no space left"],
		["a VM that does not start", { type: "qmstart", id: "110" }, "start failed: QEMU exited with code 1"],
		["an image that cannot be downloaded", { type: "download" }, "download failed: exit code 4"],
	])("after %s the error says so, and the next up continues", async (_, task, message) => {
		const datacenter = await openDatacenter(engine);
		datacenter.lab.proxmox.faults.failTask({ ...task, message });
		const failed = await datacenter.up();
		expect(failed.succeeded).toBe(false);
		expect(errors(failed).join("\n")).toContain(message);

		const again = await datacenter.up();
		expect(errors(again)).toEqual([]);
		expect([...datacenter.lab.hypervisor.running.keys()].sort()).toEqual([104, 110]);
		expect(changes(await datacenter.preview())).toBe(0);
	});
});

/** A data disk, and cards whose mappings were made by hand and by the program. */
const plain: Change = {
	nodes: {
		k8sw01: { dataDiskGiB: 100 },
		k8sw02: {
			...{ role: "worker", host: "node01", vmId: 111, address: "10.25.20.11", cpus: 8, memoryGiB: 8, diskGiB: 40 },
			gpu: { mapping: "gtx-1660-ti" },
		},
	},
	gpus: { "gtx-1660-ti": { host: "node01", model: "GTX 1660 Ti" } },
};
/** The same with everything that asks for more. */
const full = mergePatch(plain, {
	proxmox: {
		startOrder: true,
		firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] },
		pool: "rke2",
		backup: { storage: "pbs", retention: { keepDaily: 7 } },
		highAvailability: true,
	},
}) as Change;
const laterOn = {
	nodes: { k8sw01: { dataDiskGiB: 200 } },
	gpus: { "rtx-a4000": { model: "NVIDIA RTX A4000" } },
};

const grantsOf = (change: Change): Grant[] => proxmoxAccess(stackFile(0, change)).grants;
const privilegesOf = (change: Change) =>
	grantsOf(change).flatMap(({ path, privileges }) => privileges.map((privilege) => ({ privilege, path, change })));
const isPlain = (one: { privilege: string; path: string }) =>
	privilegesOf(plain).some(({ privilege, path }) => privilege === one.privilege && path === one.path);
const each = [...privilegesOf(plain), ...privilegesOf(full).filter((one) => !isPlain(one))];

describe("the token has no privilege too many", () => {
	const card = { path: "0000:0c:00.0", id: "10de:2182", iommuGroup: 22 };
	/** Makes, changes and destroys the machines, as far as it goes; the errors of it. */
	const life = async (change: Change, userAcl: Grant[]): Promise<string> => {
		const hosts = [host("node01", [card]), host("node02", [a4000])];
		const mappings = [{ id: "gtx-1660-ti", map: ["id=10de:2182,iommugroup=22,node=node01,path=0000:0c:00.0"] }];
		const datacenter = new Datacenter(
			await startLab({ hosts, mappings, tokens: [{ ...token, userAcl }] }),
			engines[0]!,
		);
		const changed = mergePatch(change, laterOn) as Change;
		for (const step of [() => datacenter.up(change), () => datacenter.up(changed), () => datacenter.destroy(changed)]) {
			const result = await step();
			if (!result.succeeded) {
				return errors(result).join("\n");
			}
		}
		return "";
	};

	test.each([
		["a plain stack", plain],
		["a stack with everything switched on", full],
	])("what %s is granted suffices", async (_, change) => {
		expect(await life(change, grantsOf(change))).toBe("");
	});

	test.each(each)("without $privilege on $path something is refused", async ({ privilege, path, change }) => {
		const fewer = grantsOf(change).map((grant) =>
			grant.path === path
				? { ...grant, privileges: grant.privileges.filter((candidate) => candidate !== privilege) }
				: grant,
		);
		expect(await life(change, fewer)).toContain("Permission check failed");
	});
});
