/** Rules that compare machines with each other. */
import { agentConfig } from "../bundle.ts";
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

function machine(name: string, props: Record<string, unknown> = {}): Given {
	return { type: "proxmoxve:index/vmLegacy:VmLegacy", name, props: { tags: ["worker"], ...props } };
}

const names = ["proj-k8sw01", "proj-k8sw02", "proj-k8sw03"] as const;
const key = "ssh-ed25519 AAAA";
const cloudInit = (number: number, changes: object = {}) => ({
	initialization: {
		userAccount: { username: "ops", keys: [key] },
		dns: { servers: ["10.25.20.3"], domain: "invalid" },
		ipConfigs: [{ ipv4: { address: `10.25.20.${number}/24`, gateway: "10.25.20.1" } }],
		...changes,
	},
});
const usual = (number: number) => ({
	...cloudInit(number),
	bios: "ovmf",
	networkDevices: [{ bridge: "vmbr0", model: "virtio" }],
	disks: [{ interface: "scsi0", datastoreId: "local-lvm" }],
});

/** Three machines, of which the second one has changes. */
const oneWith = (changes: object): Given[] =>
	names.map((name, index) => machine(name, { ...usual(index + 7), ...(index === 1 && changes) }));

const fault = (input: string, setting: string) =>
	`proj-k8sw02: Machine proj-k8sw02 differs from most others in ${input}; make it equal: ${setting} holds for every machine.`;

const device = (mapping: string) => ({ hostpcis: [{ device: "hostpci0", mapping }] });

const at = (address: string) => machine("proj-k8sw01", { initialization: { ipConfigs: [{ ipv4: { address } }] } });

const mapping = (name: string, node: string, path: string): Given => ({
	type: "proxmoxve:hardware/mapping/pci:Pci",
	name,
	props: { name, maps: [{ node, path }] },
});

export const equalMachineCases: CaseTable = {
	"vm-equal-machines": {
		accepts: {
			"machines that differ in what is their own": [
				machine("proj-k8sm01", {
					...usual(4),
					tags: ["control-plane"],
					vmId: 104,
					cpu: { cores: 8 },
					protection: true,
				}),
				machine("proj-k8sw01", { ...usual(7), vmId: 107, nodeName: "node02", memory: { dedicated: 8192 } }),
			],
			"a data disk on one of them": oneWith({
				disks: [
					{ interface: "scsi0", datastoreId: "local-lvm" },
					{ interface: "scsi1", datastoreId: "zfs" },
				],
			}),
			"a key of the program's that is not known yet": names.map((name, index) =>
				machine(name, cloudInit(index + 7, { userAccount: { username: "ops", keys: [unknown, key] } })),
			),
			"no key at all, which is another rule's subject": oneWith(
				cloudInit(8, { userAccount: { username: "ops", keys: [] } }),
			),
			"one machine": machine("proj-k8sw01", usual(7)),
		},
		refuses: {
			"another account": [
				oneWith(cloudInit(8, { userAccount: { username: "root", keys: [key] } })),
				fault("initialization.userAccount.username", "ssh.user"),
			],
			"one more key": [
				oneWith(cloudInit(8, { userAccount: { username: "ops", keys: [key, "ssh-ed25519 BBBB"] } })),
				fault("initialization.userAccount.keys", "ssh.authorizedKeys"),
			],
			"one more key beside the program's, which is not known yet": [
				names.map((name, index) =>
					machine(
						name,
						cloudInit(index + 7, {
							userAccount: { username: "ops", keys: index === 1 ? [unknown, key] : [unknown] },
						}),
					),
				),
				fault("initialization.userAccount.keys", "ssh.authorizedKeys"),
			],
			"another name server": [
				oneWith(cloudInit(8, { dns: { servers: ["203.0.113.9"], domain: "invalid" } })),
				fault("initialization.dns.servers", "network.nameservers"),
			],
			"the search domain of the host": [
				oneWith(cloudInit(8, { dns: { servers: ["10.25.20.3"] } })),
				fault("initialization.dns.domain", "network.searchDomain"),
			],
			"another gateway": [
				oneWith(cloudInit(8, { ipConfigs: [{ ipv4: { address: "10.25.20.8/24", gateway: "10.25.20.66" } }] })),
				fault("the gateway in initialization.ipConfigs", "network.gateway"),
			],
			"a wider network": [
				oneWith(cloudInit(8, { ipConfigs: [{ ipv4: { address: "10.25.20.8/8", gateway: "10.25.20.1" } }] })),
				fault("the prefix in initialization.ipConfigs", "network.cidr"),
			],
			"larger packets": [
				oneWith({ networkDevices: [{ bridge: "vmbr0", model: "virtio", mtu: 9000 }] }),
				fault("networkDevices.mtu", "network.mtu"),
			],
			"another firmware": [oneWith({ bios: "seabios" }), fault("bios", "the program")],
			"another storage": [
				oneWith({ disks: [{ interface: "scsi0", datastoreId: "nfs" }] }),
				fault("the datastore of scsi0", "the program"),
			],
		},
	},
	"vm-node-address": {
		accepts: {
			"the node's address and name": [
				at("10.25.20.7/24"),
				agentConfig("node-ip: 10.25.20.7\nnode-name: proj-k8sw01\n"),
			],
			"a machine without a configuration, which is another rule's subject": at("10.25.20.7/24"),
		},
		refuses: {
			"another address": [
				[at("10.25.20.99/24"), agentConfig("node-ip: 10.25.20.7\n")],
				"proj-k8sw01: Machine proj-k8sw01 has the address 10.25.20.99, and proj-k8sw01-converge has node-ip 10.25.20.7; make them equal.",
			],
			"the name of another node": [
				[at("10.25.20.7/24"), agentConfig("node-ip: 10.25.20.7\nnode-name: proj-k8sm01\n")],
				"proj-k8sw01: proj-k8sw01-converge has node-name proj-k8sm01 for machine proj-k8sw01; set its own name.",
			],
			"no address in the configuration": [
				[at("10.25.20.7/24"), agentConfig("profile: cis\n")],
				"proj-k8sw01: Machine proj-k8sw01 has the address 10.25.20.7, and proj-k8sw01-converge has node-ip none; make them equal.",
			],
		},
	},
	"vm-gpu-on-one-worker": {
		accepts: {
			"a GPU each": [machine("proj-k8sw01", device("a")), machine("proj-k8sw02", device("b"))],
			"a mapping that the program makes, and one that nobody uses": [
				{ ...machine("proj-k8sw01", device("a")), props: { ...machine("w", device("a")).props, nodeName: "node01" } },
				mapping("a", "node01", "0000:0b:00"),
				mapping("b", "node01", "0000:0c:00.0"),
				mapping("c", "node02", "0000:0b:00.0"),
			],
			"a raw id, which is another rule's subject": machine("proj-k8sw01", { hostpcis: [{ id: "0000:0b:00" }] }),
		},
		refuses: {
			"a control plane with a device": [
				machine("proj-k8sm01", { ...device("nic"), tags: ["control-plane"] }),
				"proj-k8sm01: Machine proj-k8sm01 has the device nic and is no worker; remove nodes.proj-k8sm01.gpu.",
			],
			"two workers with one GPU": [
				[machine("proj-k8sw01", device("a")), machine("proj-k8sw02", device("a"))],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the device a; give one of them another.",
			],
			"a second device": [
				machine("proj-k8sw01", { hostpcis: [{ mapping: "a" }, { mapping: "nic" }] }),
				"proj-k8sw01: Machine proj-k8sw01 has the devices a and nic; allowed is one.",
			],
			"a mapping on another host": [
				[
					{ ...machine("proj-k8sw01", device("a")), props: { ...machine("w", device("a")).props, nodeName: "node01" } },
					mapping("a", "node02", "0000:0b:00"),
				],
				"a: The mapping a is on node02, and machine proj-k8sw01 is on node01; map the device on that host.",
			],
			"a mapping of another name": [
				{ ...mapping("a", "node01", "0000:0b:00"), name: "b" },
				"b: The mapping b has the name a in Proxmox; name it b.",
			],
			"two mappings of one device": [
				[mapping("a", "node01", "0000:0b:00.0"), mapping("b", "node01", "0000:0b:00")],
				"b: The mappings a and b both have 0000:0b:00 of node01; remove one.",
			],
		},
	},
};
