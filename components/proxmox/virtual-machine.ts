import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { prefixLength } from "../../src/config/addresses.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema.ts";

export interface VirtualMachineArgs {
	node: NodeConfig;
	network: StackConfig["network"];
	/** Name of the cluster; becomes a tag. */
	cluster: string;
	datastore: string;
	/** Volume id of the image that the system disk imports, e.g. `local:import/noble.qcow2`. */
	imageVolumeId: string;
	user: string;
	/** OpenSSH public keys that may log in as `user`. */
	authorizedKeys: pulumi.Input<string>[];
}

const mebibytes = 1024;

/**
 * One machine of the cluster, named after its node. The resource is `VmLegacy`: in this provider the name without the
 * suffix is a proof of concept without disks (facts: provider documentation of `proxmox_vm`).
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
				description: `${node.role} of ${args.cluster}; managed by Pulumi`,
				tags: [args.cluster, node.role, "rke2"].sort(),
				onBoot: true,
				// A change that needs a power cycle waits for the convergence chain, which drains first: the provider would
				// power off every changed machine at once.
				rebootAfterUpdate: false,
				...hardware(node),
				...storage(args),
				...cloudInit(args),
				networkDevices: [{ bridge: network.bridge, vlanId: network.vlan, model: "virtio", firewall: true }],
				// Static addresses: nothing waits for the agent, which a stock cloud image does not have at first boot.
				agent: { enabled: true, type: "virtio", trim: true, waitForIp: { disabled: true } },
			},
			{
				parent: this,
				deleteBeforeReplace: true,
				ignoreChanges: [
					// The provider reads it back as absent, and every preview would show a change (pulumi-proxmoxve#664).
					"disks[0].speed",
					// Cloud-init acts at first boot only; a changed key or address must not power-cycle the machine.
					"initialization",
				],
			},
		);
		this.registerOutputs({});
	}
}

function hardware({ cpus, memoryGiB, gpu }: NodeConfig) {
	return {
		machine: "q35",
		bios: "ovmf",
		cpu: { type: "host", cores: cpus, numa: true },
		// Passed-through cards pin all memory, and the kubelet must not see memory come and go: no ballooning.
		memory: { dedicated: memoryGiB * mebibytes, floating: 0 },
		scsiHardware: "virtio-scsi-single",
		operatingSystem: { type: "l26" },
		// Debian and Ubuntu cloud kernels panic on a resized disk without a serial console.
		serialDevices: [{ device: "socket" }],
		hostpcis: gpu ? [{ device: "hostpci0", mapping: gpu.mapping, pcie: true, rombar: true, xvga: false }] : [],
	};
}

function storage({ node, datastore, imageVolumeId }: VirtualMachineArgs) {
	return {
		// Secure Boot with enrolled keys refuses the unsigned NVIDIA modules. Adding the disk later replaces the machine.
		efiDisk: { datastoreId: datastore, type: "4m", preEnrolledKeys: false },
		disks: [
			{
				interface: "scsi0",
				datastoreId: datastore,
				importFrom: imageVolumeId,
				size: node.diskGiB,
				discard: "on",
				iothread: true,
				ssd: true,
			},
		],
		// Left out, the provider attaches the host's own drive, which only Sys.Console on / may do.
		cdrom: { fileId: "none", interface: "ide0" },
		bootOrders: ["scsi0"],
	};
}

function cloudInit({ node, network, datastore, user, authorizedKeys }: VirtualMachineArgs) {
	return {
		initialization: {
			datastoreId: datastore,
			interface: "ide2",
			userAccount: { username: user, keys: authorizedKeys },
			ipConfigs: [{ ipv4: { address: `${node.address}/${prefixLength(network.cidr)}`, gateway: network.gateway } }],
			dns: { servers: network.nameservers, ...(network.searchDomain ? { domain: network.searchDomain } : {}) },
		},
	};
}
