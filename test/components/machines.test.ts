import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Machines } from "../../components/proxmox/machines.ts";
import { mergePatch } from "../../rehearsal/stack/merge-patch.ts";
import { parseStack } from "../../src/config/parse.ts";
import { labValues } from "../unit/config/lab.ts";
import { type Registration, record } from "./recorder.ts";

/** What reaches Proxmox for the lab's stack file with a change in it. */
async function machines(change: object = {}): Promise<Registration[]> {
	// The lab's own scrapers reach NodePorts; a test names those that it means.
	const lab = mergePatch(labValues(), { platform: { scrapers: [] } });
	const { value, problems } = parseStack(mergePatch(lab, change) as Record<string, unknown>);
	expect(problems).toEqual([]);
	return record(() => {
		const provider = new Provider("proxmox", { endpoint: "https://pve.test/", apiToken: "a@pve!b=c" });
		new Machines("machines", { stack: value!, provider, sshPublicKey: pulumi.output("ssh-ed25519 AAAA program") });
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

test("a machine shows what the inventory calls it, its service and who answers for it", async () => {
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
		[type, action, proto, dport, source?.replace(/-[0-9a-f]{8}$/, "")].join(" "),
	);
};
const everywhere = [
	"in ACCEPT tcp 22 10.16.207.0/24",
	"in ACCEPT tcp 10250 +guest/rke2-nodes",
	"in ACCEPT tcp 9099 +guest/rke2-nodes",
];

test("the firewall lets in what RKE2 and Canal need from whom they need it, and no more", async () => {
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
	]);
	const sets = resources.filter(
		({ type, parent }) => type.endsWith(":IpsetLegacy") && parent === "proj-k8sm01-firewall",
	);
	expect(sets.map(({ inputs }) => (inputs.cidrs as { name: string }[]).map(({ name }) => name))).toEqual([
		["10.25.20.4", "10.25.20.5", "10.25.20.6"],
		expect.arrayContaining(["10.25.20.4", "10.25.20.11"]),
	]);
});

test("what is switched on elsewhere opens its ports: WireGuard, MetalLB's speakers, NodePorts, metrics of etcd", async () => {
	const resources = await machines({
		...firewallOn,
		cluster: { canal: { backend: "wireguard", mtu: 1420 }, etcdMetrics: true },
		platform: { metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35"] }, scrapers: ["10.25.10.13"] },
	});
	expect(rulesOf(resources, "proj-k8sm01")).toContain("in ACCEPT tcp 2381 10.25.10.13");
	expect(rulesOf(resources, "proj-k8sw01")).toEqual([
		...everywhere,
		"in ACCEPT udp 51820 +guest/rke2-nodes",
		"in ACCEPT tcp 30000:32767 10.25.10.13",
		"in ACCEPT tcp 7946 +guest/rke2-nodes",
		"in ACCEPT udp 7946 +guest/rke2-nodes",
		"in ACCEPT tcp 80,443 10.25.0.0/16,10.30.0.0/16",
	]);
});

test("a filter starts to drop only after its rules are there, and is switched off rather than forgotten", async () => {
	const options = (resources: Registration[]) => resources.find(({ name }) => name === "proj-k8sw01-firewall-options")!;
	const on = options(await machines(firewallOn));
	expect(on.inputs).toMatchObject({ enabled: true, inputPolicy: "DROP", outputPolicy: "ACCEPT", ipfilter: false });
	expect(on.dependsOn).toContain("proj-k8sw01-firewall-rules");
	const off = await machines();
	expect(options(off).inputs.enabled).toBe(false);
	expect(off.filter(({ type }) => /:(IpsetLegacy|RulesLegacy)$/.test(type))).toEqual([]);
});

test("control planes alone are protected, and start before the workers, where the stack file asks for it", async () => {
	const on = await machines({ proxmox: { protectControlPlanes: true, startOrder: true } });
	expect(machine(on, "proj-k8sm01").inputs).toMatchObject({ protection: true, startup: { order: 1, upDelay: 30 } });
	expect(machine(on, "proj-k8sw01").inputs).toMatchObject({ protection: false, startup: { order: 2, upDelay: 10 } });
	const off = machine(await machines(), "proj-k8sm01");
	expect(off.inputs.protection).toBe(false);
	// Any start order needs Sys.Modify on /.
	expect(off.inputs).not.toHaveProperty("startup");
});
