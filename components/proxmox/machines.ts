import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { dataDatastore } from "../../src/config/derived/storage.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { imageName, machineGroups } from "../../src/facts/resource-names.ts";
import { BackupJob } from "./backup-job.ts";
import { CloudImage } from "./cloud-image.ts";
import { firewallRules } from "./firewall-rules.ts";
import { GpuMappings } from "./gpu-mapping.ts";
import { HighAvailability } from "./high-availability.ts";
import { ResourcePool } from "./pool.ts";
import { VirtualMachine } from "./virtual-machine.ts";

export interface MachinesArgs {
	stack: StackConfig;
	provider: Provider;
	/** Public key of the program, which logs in with it. */
	sshPublicKey: pulumi.Output<string>;
	/**
	 * Creates the resource that takes nodes out of the cluster before their VMs are deleted. It is called once, with what has to be
	 * ready first, so that no node leaves while its next host cannot have its VM.
	 */
	vacate: (prepared: pulumi.Resource[]) => pulumi.Resource;
}

/**
 * Everything on Proxmox: the image on each host, the mappings of the GPUs, one VM for each node, and their pool, backup and high
 * availability.
 */
export class Machines extends pulumi.ComponentResource {
	/** The VMs by node name. */
	readonly byNode: Readonly<Record<string, VirtualMachine>>;

	constructor(name: string, args: MachinesArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:Machines", name, {}, { ...opts, providers: [args.provider] });
		const image = createImage(args, this);
		const gpus = new GpuMappings("gpus", { gpus: args.stack.gpus }, { parent: this });
		this.byNode = createMachines(args, image, gpus, this);
		groupMachines(args.stack, this.byNode, this);
		this.registerOutputs({});
	}
}

function createImage({ stack }: MachinesArgs, parent: pulumi.Resource): CloudImage {
	const { image, imageDatastore } = stack.proxmox;
	const hosts = [...new Set(Object.values(stack.nodes).map(({ host }) => host))].sort();
	return new CloudImage(imageName, { image, datastore: imageDatastore, hosts }, { parent });
}

function createMachines(
	{ stack, sshPublicKey, vacate }: MachinesArgs,
	image: CloudImage,
	gpus: GpuMappings,
	parent: pulumi.Resource,
): Record<string, VirtualMachine> {
	const vacated = vacate([image, gpus]);
	return Object.fromEntries(
		Object.entries(stack.nodes).map(([name, node]) => {
			const mapping = node.gpu && gpus.mappings[node.gpu.mapping];
			const file = image.files[node.host];
			return [
				name,
				new VirtualMachine(
					name,
					{
						node,
						network: stack.network,
						cluster: stack.cluster.name,
						inventory: stack.inventory,
						tags: stack.proxmox.tags,
						highAvailability: isHighlyAvailable(stack, node),
						protected: stack.proxmox.protectControlPlanes && node.role === "control-plane",
						startsInOrder: stack.proxmox.startOrder,
						firewall: { enabled: stack.proxmox.firewall.enabled, rules: firewallRules(stack, name) },
						datastore: stack.proxmox.vmDatastore,
						dataDatastore: dataDatastore(stack),
						imageVolumeId: image.volumeId,
						user: stack.ssh.user,
						// Proxmox keeps one key a line. With the end of a line in a key the provider reads an empty one back in a refresh.
						authorizedKeys: [sshPublicKey.apply((key) => key.trimEnd()), ...stack.ssh.authorizedKeys],
					},
					// The VM names the image and the mapping by texts that are known at preview, so that it has no dependency by outputs.
					{ parent, dependsOn: [file, mapping, vacated].filter((resource) => resource !== undefined) },
				),
			];
		}),
	);
}

/** A mapped GPU is on one host: its VM could not start on another one. */
function isHighlyAvailable({ proxmox }: Pick<StackConfig, "proxmox">, { gpu }: Pick<NodeConfig, "gpu">): boolean {
	return proxmox.highAvailability && gpu === undefined;
}

/** Pool, backup job and high availability, as the stack file has them. */
function groupMachines(
	stack: Pick<StackConfig, "cluster" | "nodes" | "proxmox">,
	byNode: Record<string, VirtualMachine>,
	parent: pulumi.Resource,
): void {
	const { proxmox, nodes } = stack;
	const cluster = stack.cluster.name;
	const machines = Object.fromEntries(Object.entries(byNode).map(([name, { machine }]) => [name, machine]));
	const { pool, backup } = proxmox;
	if (pool !== undefined) {
		new ResourcePool(machineGroups.pool, { pool, cluster, machines }, { parent });
	}
	if (backup) {
		const datastore = proxmox.vmDatastore;
		new BackupJob(machineGroups.backup, { backup, cluster, datastore, machines: Object.values(machines) }, { parent });
	}
	if (proxmox.highAvailability) {
		const managed = Object.entries(nodes)
			.filter(([, node]) => isHighlyAvailable(stack, node))
			.map(([name, { role }]) => [name, { machine: machines[name]!, controlPlane: role === "control-plane" }] as const);
		new HighAvailability(
			machineGroups.highAvailability,
			{ cluster, hosts: Object.keys(proxmox.hosts), machines: Object.fromEntries(managed) },
			{ parent },
		);
	}
}
