import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { prefixLength } from "../../src/config/formats/addresses.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { dataDisk } from "../../src/facts/data-disk.ts";
import { firewallName } from "../../src/facts/resource-names.ts";
import { refuseDiskLoss } from "./disk-loss.ts";
import { MachineFirewall } from "./firewall.ts";
import type { FirewallRules } from "./firewall-rules.ts";
import { identityOf } from "./identity.ts";

export interface VirtualMachineArgs {
	node: NodeConfig;
	network: StackConfig["network"];
	/** Name of the cluster; becomes a tag. */
	cluster: string;
	inventory: StackConfig["inventory"];
	/** Tags in addition to those of the node and the inventory. */
	tags: string[];
	datastore: string;
	/** Storage of the disk for local persistent volumes. */
	dataDatastore: string;
	/** Whether Proxmox may start it on another host. */
	highAvailability: boolean;
	/** Whether Pulumi and Proxmox refuse to destroy the VM. */
	protected: boolean;
	/** Whether VMs start in order when their host boots: control planes first. */
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
 * The VM of one node, with the node's name. The resource is `VmLegacy`: `Vm` is a proof of concept without disks, as the provider's
 * own documentation says.
 */
export class VirtualMachine extends pulumi.ComponentResource {
	readonly machine: VmLegacy;
	/** Changes when the VM is made anew. */
	readonly identity: pulumi.Output<string>;

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
				// If a refresh finds it on another host, the provider moves it back; otherwise it would destroy and recreate it.
				...(args.highAvailability ? { migrate: true } : {}),
				// A change that needs a power cycle stays pending in Proxmox, because the provider would power off all changed VMs at
				// once. Another size gets its power cycle in the chain of convergence (components/cluster/power-cycle.ts).
				rebootAfterUpdate: false,
				...hardware(node),
				...storage(args),
				...cloudInit(args),
				networkDevices: [networkDevice(network)],
				// The addresses are static: nothing has to wait for the guest agent, which cloud images do not have at first boot.
				agent: { enabled: true, type: "virtio", trim: true, waitForIp: { disabled: true } },
			},
			{
				parent: this,
				deleteBeforeReplace: true,
				// Proxmox alone would power off the VM before it refuses to destroy it.
				protect: args.protected,
				hooks: { beforeUpdate: [refuseDiskLoss(`${name}-disk-loss`, name)] },
				ignoreChanges: [
					// The provider does not read it back, so that every preview would show a change (pulumi-proxmoxve#664).
					...diskList(args).map((_, index) => `disks[${index}].speed`),
					// cloud-init applies it at first boot only; a changed key or address must not power-cycle the VM.
					"initialization",
				],
			},
		);
		this.identity = identityOf(this.machine);
		new MachineFirewall(firewallName(name), { machine: this.machine, ...args.firewall }, { parent: this });
		this.registerOutputs({});
	}
}

/** Workers need the API. VMs without an order start after all of them. `upDelay`: seconds until the next VM may start. */
const startup = {
	"control-plane": { order: 1, upDelay: 30 },
	worker: { order: 2, upDelay: 10 },
};

/** Tags, by which Proxmox filters, and a description for people. */
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
		// Proxmox stores tags in lower case, sorted and without duplicates.
		tags: [...new Set([cluster, node.role, "rke2", ...ids.map((id) => id.toLowerCase()), ...tags])].sort(),
	};
}

function hardware({ cpus, memoryGiB, gpu }: NodeConfig) {
	return {
		machine: "q35",
		bios: "ovmf",
		cpu: { type: "host", cores: cpus, numa: true },
		// No ballooning: passed-through GPUs pin all memory, and the memory that the kubelet sees must not change.
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
		// Secure Boot with enrolled keys refuses the unsigned NVIDIA modules. Adding the disk later would replace the VM.
		efiDisk: { datastoreId: datastore, type: "4m", preEnrolledKeys: false },
		disks: diskList(args),
		// Without this the provider attaches the host's own drive, which needs Sys.Console on /.
		cdrom: { fileId: "none", interface: "ide0" },
		bootOrders: ["scsi0"],
	};
}

/** The system disk, and the disk for local persistent volumes if the node has one. */
function diskList({ node, datastore, dataDatastore, imageVolumeId }: VirtualMachineArgs) {
	const common = { discard: "on", iothread: true, ssd: true };
	const system = {
		...common,
		datastoreId: datastore,
		interface: "scsi0",
		importFrom: imageVolumeId,
		size: node.diskGiB,
	};
	const data = { ...common, datastoreId: dataDatastore, interface: "scsi1", serial: dataDisk.serial };
	return node.dataDiskGiB === undefined ? [system] : [system, { ...data, size: node.dataDiskGiB }];
}

function networkDevice({ bridge, vlan, mtu }: StackConfig["network"]) {
	// Proxmox's default is 1500, and it drops larger packets.
	return {
		bridge,
		...(vlan === undefined ? {} : { vlanId: vlan }),
		model: "virtio",
		firewall: true,
		...(mtu === 1500 ? {} : { mtu }),
	};
}

/**
 * Without a search domain Proxmox gives the guest that of its host, which differs between hosts, and the provider leaves out an
 * empty one (qemu-server, Cloudinit.pm, get_dns_conf). No name in this domain ever exists (RFC 6761, 6.4).
 */
const noSearchDomain = "invalid";

function cloudInit({ node, network, datastore, user, authorizedKeys }: VirtualMachineArgs) {
	return {
		initialization: {
			datastoreId: datastore,
			interface: "ide2",
			// By default every package would be upgraded while RKE2 is installed. According to the plugin's documentation the key
			// needs root@pam; since qemu-server 8.0.7 the privileges for the other keys suffice.
			upgrade: false,
			userAccount: { username: user, keys: authorizedKeys },
			ipConfigs: [{ ipv4: { address: `${node.address}/${prefixLength(network.cidr)}`, gateway: network.gateway } }],
			dns: { servers: network.nameservers, domain: network.searchDomain ?? noSearchDomain },
		},
	};
}
