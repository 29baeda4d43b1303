/** Switches of the stack file for machines, on, off and on again, with every call to Proxmox. */

import { apply as mergePatch } from "tiny-merge-patch";
import { describe, expect, test } from "vitest";
import type { RecordedRequest } from "../../rehearsal/doubles/proxmox/server/request-log.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { FirewallReplay, type Flow } from "./support/firewall-replay.ts";
import { type Change, empty, openDatacenter } from "./support/proxmox-datacenter.ts";
import { errors, eventually } from "./support/scenario.ts";

/** Every call that changes something, with its parameters in alphabetical order. */
const changingWith = (requests: RecordedRequest[]): string[] =>
	requests
		.filter(({ method }) => method !== "GET")
		.map(({ method, path, parameters }) => {
			// The plugin writes sets in any order.
			const sorted = (key: string, value: unknown) =>
				["delete", "nodes", "resources"].includes(key) ? String(value).split(",").sort().join() : value;
			const pairs = Object.entries(parameters).map(([key, value]) => `${key}=${sorted(key, value)}`);
			return [method, path, ...pairs.sort()].join(" ").replaceAll(/(rke2-(nodes|servers))-[0-9a-f]{8}/g, "$1-XX");
		});

interface Switch {
	change: Change;
	/** Calls that change something, in any order. */
	on: string[];
	off: string[];
}

const put = "PUT /nodes/node02/qemu/110/config";
const diskTail = "ssd=1,discard=on,cache=none,replicate=1";
const dataDisk = `aio=io_uring,backup=1,iothread=1,serial=rke2-data,${diskTail}`;
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

const firewall: Switch = {
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
		filterRule(firewallOf.k8sw01, "ingress for pods", "tcp", "80,443", `+guest/${everyNode}`),
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
		...[5, 4, 3, 2, 1, 0].map((position) => `DELETE ${firewallOf.k8sw01}/rules/${position}`),
	],
};

/** Traffic that a running cluster needs, between its two machines and from outside. */
const clusterTraffic: Flow[] = [
	...[104, 110].flatMap((vmId): Flow[] => {
		const other = vmId === 104 ? "10.25.20.10" : "10.25.20.4";
		return [
			{ vmId, source: "10.16.207.9", proto: "tcp", port: 22 },
			{ vmId, source: other, proto: "tcp", port: 10250 },
			{ vmId, source: other, proto: "udp", port: 8472 },
		];
	}),
	{ vmId: 104, source: "10.25.20.10", proto: "tcp", port: 6443 },
	{ vmId: 104, source: "10.25.20.10", proto: "tcp", port: 9345 },
	{ vmId: 104, source: "10.16.207.9", proto: "tcp", port: 6443 },
	{ vmId: 104, source: "10.25.20.4", proto: "tcp", port: 2380 },
	{ vmId: 110, source: "10.25.44.7", proto: "tcp", port: 443 },
	{ vmId: 110, source: "10.25.20.4", proto: "tcp", port: 443 },
];

const resourcePool: Switch = {
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
};

const backupJob: Switch = {
	change: { proxmox: { backup: { storage: "pbs", schedule: "02:00", retention: { keepDaily: 14, keepWeekly: 4 } } } },
	on: [
		"POST /cluster/backup/ enabled=1 fleecing=enabled=1,storage=local-lvm id=rke2-lab mode=snapshot notes-template={{guestname}} prune-backups=keep-daily=14,keep-weekly=4 schedule=02:00 storage=pbs vmid=104,110",
	],
	off: ["DELETE /cluster/backup/rke2-lab"],
};

const highAvailability: Switch = {
	change: { proxmox: { highAvailability: true, sharedVmDatastore: true } },
	on: [
		// The provider gets `migrate` instead of a replacement. Proxmox only gets the name again.
		"PUT /nodes/node01/qemu/104/config name=k8sm01",
		"POST /cluster/ha/resources/ sid=vm:104 state=started type=vm",
		"POST /cluster/ha/rules/ disable=0 nodes=node01:1,node02:1 resources=vm:104 rule=rke2-lab-hosts strict=1 type=node-affinity",
	],
	off: [
		"DELETE /cluster/ha/rules/rke2-lab-hosts",
		"DELETE /cluster/ha/resources/vm:104",
		"PUT /nodes/node01/qemu/104/config name=k8sm01",
	],
};

/** The start order, inventory ids and tags, which share the calls to the machines' configuration. */
const configuration: Switch = {
	change: {
		inventory: { serviceId: "SVC-0023", owner: "Infrastructure Team" },
		proxmox: { tags: ["ubuntu-24.04"], startOrder: true },
		nodes: { k8sw01: { cmdbId: "VM-0010" } },
	},
	on: [
		"PUT /nodes/node01/qemu/104/config description=control-plane of lab; SVC-0023; owner: Infrastructure Team; managed by Pulumi name=k8sm01 startup=order=1,up=30 tags=control-plane;lab;rke2;svc-0023;ubuntu-24.04",
		`${put} description=worker of lab; VM-0010 of SVC-0023; owner: Infrastructure Team; managed by Pulumi name=k8sw01 startup=order=2,up=10 tags=lab;rke2;svc-0023;ubuntu-24.04;vm-0010;worker`,
	],
	off: [
		"PUT /nodes/node01/qemu/104/config delete=startup description=control-plane of lab; managed by Pulumi name=k8sm01 tags=control-plane;lab;rke2",
		`${put} delete=startup description=worker of lab; managed by Pulumi name=k8sw01 tags=lab;rke2;worker`,
	],
};

/** Combines switches without a common call. */
function together(...switches: Switch[]): Switch {
	return {
		change: switches.map(({ change }) => change).reduce((all, change) => mergePatch(all, change) as Change),
		on: switches.flatMap(({ on }) => on),
		off: switches.flatMap(({ off }) => off),
	};
}

describe("switches", () => {
	test.each([
		["the start order, inventory ids and tags", configuration],
		[
			"firewall, resource pool, backup job and high availability",
			together(firewall, resourcePool, backupJob, highAvailability),
		],
	])(
		"no machine is replaced or restarted when %s are switched on, off and on again",
		async (_, { change, on, off }) => {
			const datacenter = await openDatacenter(change);
			expect(errors(await datacenter.up())).toEqual([]);
			const machines = datacenter.identities();
			datacenter.takeRequests();
			const traffic = new FirewallReplay([104, 110]);
			for (const [wanted, calls] of [
				[change, on],
				[{}, off],
				[change, on],
			] as const) {
				const up = await datacenter.up(wanted);
				expect(errors(up)).toEqual([]);
				expect(up.changes.replace).toBe(0);
				const requests = datacenter.takeRequests();
				expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
				expect(changingWith(requests).sort()).toEqual([...calls].sort());
				expect(traffic.cut(requests, clusterTraffic)).toEqual([]);
				expect(datacenter.identities()).toEqual(machines);
				expect(changeCount(await datacenter.preview(wanted))).toBe(0);
			}
			expect(errors(await datacenter.destroy(change))).toEqual([]);
			await eventually(() => expect(datacenter.lab.proxmox.state()).toEqual(empty));
		},
	);

	test("changing firewall rules cut no traffic that is allowed before and after", async () => {
		const clients = (...clientCidrs: string[]) => ({
			proxmox: { firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"], clientCidrs } },
		});
		const datacenter = await openDatacenter(clients("10.25.0.0/16"));
		const traffic = new FirewallReplay([104, 110]);
		expect(errors(await datacenter.up(clients("10.25.0.0/16")))).toEqual([]);
		traffic.cut(datacenter.takeRequests(), []);
		const changed = mergePatch(clients("10.25.0.0/16", "10.30.0.0/16"), {
			proxmox: { firewall: { allow: [{ cidrs: ["10.25.10.13/32"], ports: [9100] }] } },
			platform: { metallb: { announce: true } },
		}) as Change;
		for (const wanted of [changed, clients("10.25.0.0/16")]) {
			expect(errors(await datacenter.up(wanted))).toEqual([]);
			expect(traffic.cut(datacenter.takeRequests(), clusterTraffic)).toEqual([]);
		}
	});

	test("a running machine gets a data disk in its storage, and the disk grows", async () => {
		const withDisk = (dataDiskGiB: number) => ({
			proxmox: { dataDatastore: "tank" },
			nodes: { k8sw01: { dataDiskGiB } },
		});
		const datacenter = await openDatacenter(withDisk(100));
		expect(errors(await datacenter.up())).toEqual([]);
		const machines = datacenter.identities();
		datacenter.takeRequests();
		for (const [wanted, calls] of [
			[withDisk(100), [`${put} name=k8sw01 ${system} scsi1=file=tank:100,${dataDisk}`]],
			[withDisk(120), [`PUT /nodes/node02/qemu/110/resize disk=scsi1 size=${120 * 2 ** 30}`]],
		] as const) {
			expect(errors(await datacenter.up(wanted))).toEqual([]);
			expect(changingWith(datacenter.takeRequests())).toEqual(expect.arrayContaining([...calls]));
			expect(datacenter.identities()).toEqual(machines);
			expect(changeCount(await datacenter.preview(wanted))).toBe(0);
		}
	});

	test.each([
		[
			"a data disk that is taken away",
			{ dataDiskGiB: null },
			/^.*nodes\.k8sw01\.dataDiskGiB is 100 and cannot be removed /m,
		],
		["a smaller data disk", { dataDiskGiB: 90 }, /nodes\.k8sw01\.dataDiskGiB is 100 and cannot become 90/],
		["a smaller system disk", { diskGiB: 30 }, /nodes\.k8sw01\.diskGiB is 40 and cannot become 30/],
	])("preview and up refuse %s without a call that changes anything", async (_, disks, sentence) => {
		const on = { nodes: { k8sw01: { dataDiskGiB: 100 } } };
		const datacenter = await openDatacenter(on);
		expect(errors(await datacenter.up(on))).toEqual([]);
		datacenter.takeRequests();
		const without = mergePatch(on, { nodes: { k8sw01: disks } }) as Change;
		expect(errors(await datacenter.preview(without)).join("\n")).toMatch(sentence);
		expect(errors(await datacenter.up(without)).join("\n")).toMatch(sentence);
		expect(changingWith(datacenter.takeRequests())).toEqual([]);
		expect(changeCount(await datacenter.preview(on))).toBe(0);
	});

	test("pool, backup, high availability and firewall are switched on, off and on again on the whole datacenter", async () => {
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
		const datacenter = await openDatacenter(all);
		const { proxmox } = datacenter.lab;
		expect(errors(await datacenter.up(base))).toEqual([]);
		const machines = datacenter.identities();

		const on = {
			pools: { rke2: [104, 105, 106, 110] },
			backupJobs: { "rke2-lab": { vmid: "104,105,106,110", "prune-backups": "keep-daily=14" } },
			highAvailability: {
				// The machine with the GPU stays on its host.
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
			expect(changeCount(await datacenter.preview(wanted))).toBe(0);
		}
		expect(errors(await datacenter.destroy(all))).toEqual([]);
		await eventually(() => expect(proxmox.state()).toEqual(empty));
	});
});
