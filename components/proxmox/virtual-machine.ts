import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { prefixLength } from "../../src/config/formats/addresses.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { firewallName } from "../../src/facts/resource-names.ts";
import { refuseDiskLoss } from "./disk-loss.ts";
import { MachineFirewall } from "./firewall.ts";
import type { FirewallRules } from "./firewall-rules.ts";

export interface VirtualMachineArgs {
	node: NodeConfig;
	network: StackConfig["network"];
	/** Name of the cluster; becomes a tag. */
	cluster: string;
	inventory: StackConfig["inventory"];
	/** Tags beside those that the node and the inventory give. */
	tags: string[];
	datastore: string;
	/** Storage of the disk for local persistent volumes. */
	dataDatastore: string;
	/** Whether Proxmox may start it on another host. */
	highAvailability: boolean;
	/** Whether Pulumi and Proxmox refuse to destroy the machine. */
	protected: boolean;
	/** Whether it starts in its turn when its host boots: control planes first. */
	startsInOrder: boolean;
	firewall: { enabled: boolean; rules: FirewallRules };
	/** Volume id of the image that the system disk imports, e.g. `local:import/noble.qcow2`. */
	imageVolumeId: string;
	user: string;
	/** OpenSSH public keys that may log in as `user`. */
	authorizedKeys: pulumi.Input<string>[];
}

const mebibytesPerGibibyte = 1024;

/**
 * Serial number of the data disk, the same on every node. By it src/rke2/scripts/data-disk.sh finds the disk in the guest,
 * whatever order the kernel finds the disks in and whatever `/dev/disk/by-id` calls them.
 */
export const dataDiskSerial = "rke2-data";

/**
 * One machine of the cluster, named after its node. The resource is `VmLegacy`: in this provider the name without the
 * suffix is a proof of concept without disks, as its own documentation says.
 */
export class VirtualMachine extends pulumi.ComponentResource {
	readonly machine: VmLegacy;

	constructor(name: string, args: VirtualMachineArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:VirtualMachine", name, {}, opts);
		const { node, network } = args;
		this.machine = new VmLegacy(
			name,
			{
				name,
				nodeName: node.host,
				vmId: node.vmId,
				...labels(args),
				onBoot: true,
				protection: args.protected,
				...(args.startsInOrder ? { startup: startup[node.role] } : {}),
				// Found on another host by a refresh, it is moved back: the provider would otherwise destroy it and make it anew.
				...(args.highAvailability ? { migrate: true } : {}),
				// A change that needs a power cycle stays pending in Proxmox until a person drains the node and stops and starts
				// its machine: the provider would power off every changed machine at once. converge.sh says what is pending.
				rebootAfterUpdate: false,
				...hardware(node),
				...storage(args),
				...cloudInit(args),
				networkDevices: [networkCard(network)],
				// Static addresses: nothing waits for the agent, which a stock cloud image does not have at first boot.
				agent: { enabled: true, type: "virtio", trim: true, waitForIp: { disabled: true } },
			},
			{
				parent: this,
				deleteBeforeReplace: true,
				// Proxmox alone would power it off before it refuses.
				protect: args.protected,
				hooks: { beforeUpdate: [refuseDiskLoss(`${name}-disk-loss`, name)] },
				ignoreChanges: [
					// The provider reads it back as absent, and every preview would show a change (pulumi-proxmoxve#664).
					...diskList(args).map((_, index) => `disks[${index}].speed`),
					// Cloud-init acts at first boot only; a changed key or address must not power-cycle the machine.
					"initialization",
				],
			},
		);
		new MachineFirewall(firewallName(name), { machine: this.machine, ...args.firewall }, { parent: this });
		this.registerOutputs({});
	}
}

/** Workers need the API; what has no order starts after them. Seconds until the next in order may start. */
const startup = {
	"control-plane": { order: 1, upDelay: 30 },
	worker: { order: 2, upDelay: 10 },
};

/** What a person looks for in Proxmox: tags can be filtered by, the description is read. */
function labels({ node, cluster, inventory, tags }: VirtualMachineArgs) {
	const ids = [node.cmdbId, inventory?.serviceId].filter((id) => id !== undefined);
	const description = [
		`${node.role} of ${cluster}`,
		...(ids.length > 0 ? [ids.join(" of ")] : []),
		...(inventory ? [`owner: ${inventory.owner}`] : []),
		"managed by Pulumi",
	];
	return {
		description: description.join("; "),
		// Proxmox keeps tags in lower case, once each and in order.
		tags: [...new Set([cluster, node.role, "rke2", ...ids.map((id) => id.toLowerCase()), ...tags])].sort(),
	};
}

function hardware({ cpus, memoryGiB, gpu }: NodeConfig) {
	return {
		machine: "q35",
		bios: "ovmf",
		cpu: { type: "host", cores: cpus, numa: true },
		// Passed-through cards pin all memory, and the kubelet must not see memory come and go: no ballooning.
		memory: { dedicated: memoryGiB * mebibytesPerGibibyte, floating: 0 },
		scsiHardware: "virtio-scsi-single",
		operatingSystem: { type: "l26" },
		// Debian and Ubuntu cloud kernels panic on a resized disk without a serial console.
		serialDevices: [{ device: "socket" }],
		hostpcis: gpu ? [{ device: "hostpci0", mapping: gpu.mapping, pcie: true, rombar: true, xvga: false }] : [],
	};
}

function storage(args: VirtualMachineArgs) {
	const { datastore } = args;
	return {
		// Secure Boot with enrolled keys refuses the unsigned NVIDIA modules. Adding the disk later replaces the machine.
		efiDisk: { datastoreId: datastore, type: "4m", preEnrolledKeys: false },
		disks: diskList(args),
		// Left out, the provider attaches the host's own drive, which only Sys.Console on / may do.
		cdrom: { fileId: "none", interface: "ide0" },
		bootOrders: ["scsi0"],
	};
}

/** The system disk, and the one for local persistent volumes where the node has it. */
function diskList({ node, datastore, dataDatastore, imageVolumeId }: VirtualMachineArgs) {
	const common = { discard: "on", iothread: true, ssd: true };
	const system = {
		...common,
		datastoreId: datastore,
		interface: "scsi0",
		importFrom: imageVolumeId,
		size: node.diskGiB,
	};
	const data = { ...common, datastoreId: dataDatastore, interface: "scsi1", serial: dataDiskSerial };
	return node.dataDiskGiB === undefined ? [system] : [system, { ...data, size: node.dataDiskGiB }];
}

function networkCard({ bridge, vlan, mtu }: StackConfig["network"]) {
	// Proxmox itself gives a card 1500 and drops what is larger.
	return {
		bridge,
		...(vlan === undefined ? {} : { vlanId: vlan }),
		model: "virtio",
		firewall: true,
		...(mtu === 1500 ? {} : { mtu }),
	};
}

/**
 * Without a search domain Proxmox gives the guest its host's own, another one on another host, and the provider leaves out
 * an empty one (qemu-server, Cloudinit.pm, get_dns_conf). Nothing is ever found in this domain: RFC 6761, 6.4.
 */
const noSearchDomain = "invalid";

function cloudInit({ node, network, datastore, user, authorizedKeys }: VirtualMachineArgs) {
	return {
		initialization: {
			datastoreId: datastore,
			interface: "ide2",
			// Proxmox would have every package upgraded while RKE2 is installed. The plugin's documentation wants root@pam for this
			// key; since qemu-server 8.0.7 the privileges of the other ones suffice.
			upgrade: false,
			userAccount: { username: user, keys: authorizedKeys },
			ipConfigs: [{ ipv4: { address: `${node.address}/${prefixLength(network.cidr)}`, gateway: network.gateway } }],
			dns: { servers: network.nameservers, domain: network.searchDomain ?? noSearchDomain },
		},
	};
}
