import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Machines } from "../../../../components/proxmox/machines.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { type Registration, record } from "../recorder.ts";

/** What reaches Proxmox for the lab's stack file with a change in it. */
async function machines(change: { platform?: object; [key: string]: unknown } = {}): Promise<Registration[]> {
	// The lab's own scrapers reach metrics; a test names those that it means.
	const stack = labStack({ ...change, platform: { scrapers: [], ...change.platform } });
	return record(() => {
		const provider = new Provider("proxmox", { endpoint: "https://pve.test/", apiToken: "a@pve!b=c" });
		const sshPublicKey = pulumi.output("ssh-ed25519 AAAA program\n");
		const vacate = (dependsOn: pulumi.Resource[]) => new pulumi.Stash("placement", { input: {} }, { dependsOn });
		new Machines("machines", { stack, provider, sshPublicKey, vacate });
	});
}

const machine = (resources: Registration[], name: string): Registration =>
	resources.find((resource) => resource.name === name && resource.type.endsWith(":VmLegacy"))!;

test("a worker has a system disk from the image and a blank data disk that the guest finds by its serial number", async () => {
	const worker = machine(await machines(), "proj-k8sw01");
	const common = { datastoreId: "local-lvm", discard: "on", iothread: true, ssd: true };
	expect(worker.inputs.disks).toEqual([
		{ ...common, interface: "scsi0", importFrom: "local:import/ubuntu-24.04-server-cloudimg-amd64.qcow2", size: 150 },
		{ ...common, interface: "scsi1", size: 850, serial: "rke2-data" },
	]);
	// By index: the provider's plugin takes no wildcard.
	expect(worker.ignoreChanges).toEqual(["disks[0].speed", "disks[1].speed", "initialization"]);
});

test("cloud-init creates the account and upgrades nothing", async () => {
	const worker = machine(await machines(), "proj-k8sw01");
	expect(worker.inputs.initialization).toMatchObject({
		upgrade: false,
		userAccount: { username: "ops", keys: ["ssh-ed25519 AAAA program"] },
	});
});

test.each([
	["lab.internal", "lab.internal"],
	[null, "invalid"],
])("with the search domain %s a machine gets %s, never that of its Proxmox host", async (searchDomain, domain) => {
	const worker = machine(await machines({ network: { searchDomain } }), "proj-k8sw01");
	expect(worker.inputs.initialization).toMatchObject({ dns: { servers: ["10.25.20.3", "10.25.10.3"], domain } });
});

test("a VM shows its id in the inventory, its service and its owner", async () => {
	const worker = machine(await machines(), "proj-k8sw05");
	expect(worker.inputs).toMatchObject({
		description: "worker of astronomy-lab; VM-0011 of SVC-0023; owner: Infrastructure Team; managed by Pulumi",
		tags: ["astronomy-lab", "rke2", "svc-0023", "ubuntu-24.04", "vm-0011", "worker"],
	});
});

const firewallOn = {
	proxmox: {
		firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"], clientCidrs: ["10.25.0.0/16", "10.30.0.0/16"] },
	},
};
const rulesOf = (resources: Registration[], node: string): string[] => {
	const rules = resources.find(({ name }) => name === `${node}-firewall-rules`)?.inputs.rules as Record<
		string,
		string
	>[];
	return rules.map(({ type, action, proto, dport, source }) =>
		[type, action, proto, dport, source?.replace(/-[0-9a-f]{8}$/, "")].filter((part) => part !== undefined).join(" "),
	);
};
const everywhere = [
	"in ACCEPT tcp 22 10.16.207.0/24",
	"in ACCEPT tcp 10250 +guest/rke2-nodes",
	"in ACCEPT tcp 9099 +guest/rke2-nodes",
];

test("the firewall admits exactly the ports and sources that RKE2 and Canal need", async () => {
	const resources = await machines(firewallOn);
	expect(rulesOf(resources, "proj-k8sm01")).toEqual([
		...everywhere,
		"in ACCEPT udp 8472 +guest/rke2-nodes",
		"in ACCEPT tcp 6443 +guest/rke2-nodes",
		"in ACCEPT tcp 6443 10.16.207.0/24",
		"in ACCEPT tcp 9345 +guest/rke2-nodes",
		"in ACCEPT tcp 2379:2381 +guest/rke2-servers",
	]);
	expect(rulesOf(resources, "proj-k8sw01")).toEqual([
		...everywhere,
		"in ACCEPT udp 8472 +guest/rke2-nodes",
		"in ACCEPT tcp 80,443 10.25.0.0/16,10.30.0.0/16",
		"in ACCEPT tcp 80,443 +guest/rke2-nodes",
	]);
	const sets = resources.filter(
		({ type, parent }) => type.endsWith(":IpsetLegacy") && parent === "proj-k8sm01-firewall",
	);
	expect(sets.map(({ inputs }) => (inputs.cidrs as { name: string }[]).map(({ name }) => name))).toEqual([
		["10.25.20.4", "10.25.20.5", "10.25.20.6"],
		expect.arrayContaining(["10.25.20.4", "10.25.20.11"]),
	]);
});

test("the firewall opens the ports of WireGuard, MetalLB's speakers, NodePorts and keepalived when the stack has them", async () => {
	const resources = await machines({
		...firewallOn,
		cluster: { canal: { backend: "wireguard", mtu: 1420 }, api: { mode: "keepalived" } },
		platform: { metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35"] } },
		proxmox: { firewall: { ...firewallOn.proxmox.firewall, nodePortCidrs: ["10.25.30.0/24"] } },
	});
	expect(rulesOf(resources, "proj-k8sm01")).toContain("in ACCEPT vrrp +guest/rke2-servers");
	expect(rulesOf(resources, "proj-k8sw01")).toEqual([
		...everywhere,
		"in ACCEPT udp 51820 +guest/rke2-nodes",
		"in ACCEPT tcp 30000:32767 10.25.30.0/24",
		"in ACCEPT tcp 7946 +guest/rke2-nodes",
		"in ACCEPT udp 7946 +guest/rke2-nodes",
		"in ACCEPT tcp 80,443 10.25.0.0/16,10.30.0.0/16",
		"in ACCEPT tcp 80,443 +guest/rke2-nodes",
	]);
});

test("an external load balancer reaches the API and the registration of nodes", async () => {
	const resources = await machines({
		...firewallOn,
		cluster: { api: { mode: "external", address: "10.25.10.40" } },
	});
	expect(rulesOf(resources, "proj-k8sm01")).toContain("in ACCEPT tcp 6443,9345 10.25.10.40");
	expect(rulesOf(resources, "proj-k8sw01").join()).not.toContain("10.25.10.40");
});

test("each half of a redundant load balancer reaches them from its own address", async () => {
	const resources = await machines({
		...firewallOn,
		cluster: {
			api: { mode: "external", address: "10.25.10.40", balancerCidrs: ["10.25.10.41/32", "10.25.10.42/32"] },
		},
	});
	expect(rulesOf(resources, "proj-k8sm01")).toContain("in ACCEPT tcp 6443,9345 10.25.10.41/32,10.25.10.42/32");
	expect(rulesOf(resources, "proj-k8sm01").join()).not.toContain("10.25.10.40");
	expect(rulesOf(resources, "proj-k8sw01").join()).not.toContain("10.25.10.41");
});

test("a network interface has the MTU of the network when that is not Proxmox's default", async () => {
	const networkDevice = async (change: { network?: object }) =>
		(machine(await machines(change), "proj-k8sw01").inputs.networkDevices as Record<string, unknown>[])[0];
	const common = { bridge: "vmbr0", vlanId: 20, model: "virtio", firewall: true };
	expect(await networkDevice({})).toEqual(common);
	expect(await networkDevice({ network: { mtu: 9000 } })).toEqual({ ...common, mtu: 9000 });
});

test("data disks are in a storage of their own when the stack file names one", async () => {
	const worker = machine(await machines({ proxmox: { dataDatastore: "tank" } }), "proj-k8sw01");
	expect((worker.inputs.disks as Record<string, unknown>[]).map(({ datastoreId }) => datastoreId)).toEqual([
		"local-lvm",
		"tank",
	]);
});

test("no VM loses a disk by an update", async () => {
	expect(machine(await machines(), "proj-k8sw01").beforeUpdate).toEqual(["proj-k8sw01-disk-loss"]);
});

test("scrapers reach the metrics of the stack, and no other port", async () => {
	const scraped = async (change: object) => {
		const platform = { scrapers: ["10.25.10.13"], ...change };
		const resources = await machines({ ...firewallOn, cluster: { etcdMetrics: true }, platform });
		const ports = (node: string) =>
			rulesOf(resources, node)
				.filter((rule) => rule.endsWith(" 10.25.10.13"))
				.map((rule) => rule.split(" ")[3]);
		// The GPU worker's taint keeps Traefik away.
		return { server: ports("proj-k8sm01"), worker: ports("proj-k8sw01"), gpuWorker: ports("proj-k8sw04") };
	};
	const platform = "30020,30040,30042,30043,30044,30045,30046";
	expect(await scraped({})).toEqual({
		server: ["10250", "9120", platform, "2381"],
		worker: ["10250", "9120", platform, "9111"],
		gpuWorker: ["10250", "9120", platform],
	});
	expect(await scraped({ namespaces: { ollama: { metricsPorts: [9090] } } })).toEqual({
		server: ["10250", "9120", platform, "30000:32767", "2381"],
		worker: ["10250", "9120", platform, "30000:32767", "9111"],
		gpuWorker: ["10250", "9120", platform, "30000:32767"],
	});
});

test("a namespace that scrapes reaches metrics of the nodes from the address of its node", async () => {
	const namespaces = { monitoring: { scrapes: true } };
	const resources = await machines({ ...firewallOn, cluster: { etcdMetrics: true }, platform: { namespaces } });
	const rule = (port: number) => `in ACCEPT tcp ${port} +guest/rke2-nodes`;
	expect(rulesOf(resources, "proj-k8sm01")).toEqual(expect.arrayContaining([rule(9120), rule(2381)]));
	expect(rulesOf(resources, "proj-k8sw04")).toContain(rule(9120));
	expect(rulesOf(resources, "proj-k8sw04")).not.toContain(rule(2381));
});

test("further rules of the stack file apply to every node", async () => {
	const allow = [
		{ cidrs: ["10.25.10.13/32"], ports: [9100, 9101] },
		{ cidrs: ["10.25.0.0/16", "10.30.0.0/16"], ports: [4242], protocol: "UDP" },
	];
	const resources = await machines({ proxmox: { firewall: { ...firewallOn.proxmox.firewall, allow } } });
	for (const node of ["proj-k8sm01", "proj-k8sw05"]) {
		expect(rulesOf(resources, node)).toEqual(
			expect.arrayContaining([
				"in ACCEPT tcp 9100,9101 10.25.10.13/32",
				"in ACCEPT udp 4242 10.25.0.0/16,10.30.0.0/16",
			]),
		);
	}
});

test("clients and reverse proxies reach the ingress at the ports of its exposure", async () => {
	const ingress = async (traefik: object) => {
		const resources = await machines({ ...firewallOn, platform: { traefik } });
		expect(rulesOf(resources, "proj-k8sw04").join()).not.toContain("10.30.0.0/16");
		return rulesOf(resources, "proj-k8sw01").filter((rule) => rule.includes("10.30.0.0/16"));
	};
	expect(await ingress({ exposure: "nodePort", trustedProxies: ["10.25.20.40/32"] })).toEqual([
		"in ACCEPT tcp 30080,30443 10.25.0.0/16,10.30.0.0/16,10.25.20.40/32",
	]);
	expect(await ingress({ exposure: "hostPort" })).toEqual(["in ACCEPT tcp 80,443 10.25.0.0/16,10.30.0.0/16"]);
});

test("the firewall drops packets only after its rules exist, and is switched off explicitly", async () => {
	const options = (resources: Registration[]) => resources.find(({ name }) => name === "proj-k8sw01-firewall-options")!;
	const on = options(await machines(firewallOn));
	expect(on.inputs).toMatchObject({ enabled: true, inputPolicy: "DROP", outputPolicy: "ACCEPT", ipfilter: false });
	expect(on.dependsOn).toContain("proj-k8sw01-firewall-rules");
	const off = await machines();
	expect(options(off).inputs.enabled).toBe(false);
	expect(off.filter(({ type }) => /:(IpsetLegacy|RulesLegacy)$/.test(type))).toEqual([]);
});

test("only control planes are protected, and they start before the workers, when the stack file says so", async () => {
	const on = await machines({ proxmox: { protectControlPlanes: true, startOrder: true } });
	expect(machine(on, "proj-k8sm01").inputs).toMatchObject({ protection: true, startup: { order: 1, upDelay: 30 } });
	expect(machine(on, "proj-k8sw01").inputs).toMatchObject({ protection: false, startup: { order: 2, upDelay: 10 } });
	const off = machine(await machines(), "proj-k8sm01");
	expect(off.inputs.protection).toBe(false);
	// Any start order needs Sys.Modify on /.
	expect(off.inputs).not.toHaveProperty("startup");
});

const of = (resources: Registration[], type: string): Registration[] =>
	resources.filter((resource) => resource.type.endsWith(`:${type}`));
const lab = { pool: "astronomy-lab", backup: { storage: "pbs01", retention: { keepDaily: 14, keepMonthly: 6 } } };
const highAvailability = { version: 9, highAvailability: true, sharedVmDatastore: true, vmDatastore: "ceph" };

test("a pool contains every VM, by separate memberships", async () => {
	const resources = await machines({ proxmox: { pool: lab.pool } });
	expect(of(resources, "PoolLegacy").map(({ inputs }) => inputs.poolId)).toEqual(["astronomy-lab"]);
	const members = of(resources, "Membership");
	expect(members.map(({ inputs }) => inputs.vmId)).toEqual([104, 105, 106, 107, 108, 109, 110, 111]);
	expect(members.every(({ inputs }) => inputs.poolId === "astronomy-lab")).toBe(true);
	expect(members[0]?.dependsOn).toEqual(expect.arrayContaining(["pool", "proj-k8sm01"]));
	// The provider never takes a machine out of a pool that the machine itself names.
	expect(machine(resources, "proj-k8sm01").inputs).not.toHaveProperty("poolId");
});

test("a backup job lists exactly the VMs, and buffers their writes in their storage", async () => {
	const [job, ...others] = of(await machines({ proxmox: { backup: lab.backup } }), "Job");
	expect(others).toEqual([]);
	expect(job?.inputs).toEqual({
		resourceId: "rke2-astronomy-lab",
		storage: "pbs01",
		schedule: "daily",
		enabled: true,
		mode: "snapshot",
		vmids: ["104", "105", "106", "107", "108", "109", "110", "111"],
		pruneBackups: { "keep-daily": "14", "keep-monthly": "6" },
		notesTemplate: "{{guestname}}",
		fleecing: { enabled: true, storage: "local-lvm" },
	});
});

test("high availability keeps VMs without a GPU on the hosts of the stack file, control planes apart", async () => {
	const resources = await machines({ proxmox: highAvailability });
	const servers = ["vm:104", "vm:105", "vm:106"];
	const managed = [...servers, "vm:107", "vm:108", "vm:109"];
	expect(of(resources, "Haresource").map(({ inputs }) => [inputs.resourceId, inputs.state])).toEqual(
		managed.map((id) => [id, "started"]),
	);
	const hosts = { node01: 1, node02: 1, node03: 1, node04: 1, node05: 1 };
	const ids = { hosts: "rke2-astronomy-lab-hosts", apart: "rke2-astronomy-lab-control-planes-apart" };
	const rules = of(resources, "Harule").map(({ inputs }) => inputs);
	expect(rules).toHaveLength(2);
	expect(rules).toEqual(
		expect.arrayContaining([
			{ rule: ids.hosts, type: "node-affinity", resources: managed, strict: true, nodes: hosts },
			{ rule: ids.apart, type: "resource-affinity", resources: servers, affinity: "negative" },
		]),
	);
	// Otherwise a refresh after a failover would have the provider destroy the machine.
	expect(machine(resources, "proj-k8sm01").inputs.migrate).toBe(true);
	expect(machine(resources, "proj-k8sw04").inputs).not.toHaveProperty("migrate");
});

test("the datacenter stays unchanged when the stack file has no pool, backup or high availability", async () => {
	const types = (await machines()).map(({ type }) => type.split(":").at(-1));
	for (const type of ["PoolLegacy", "Membership", "Job", "Haresource", "Harule"]) {
		expect(types).not.toContain(type);
	}
});

test("a node leaves the cluster once the images and the GPUs are ready, and before any VM changes", async () => {
	const resources = await machines();
	const placement = resources.find(({ name }) => name === "placement")!;
	expect(placement.dependsOn).toEqual(expect.arrayContaining(["image-node01", "image-node05"]));
	const vms = resources.filter(({ type }) => type === "rke2-lab:proxmox:VirtualMachine");
	expect(vms).toHaveLength(8);
	for (const { name, dependsOn } of vms) {
		expect(dependsOn, name).toContain("placement");
	}
});
