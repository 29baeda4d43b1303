import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema.ts";
import { CloudImage } from "./cloud-image.ts";
import { firewallRules } from "./firewall-rules.ts";
import { GpuMappings } from "./gpu-mapping.ts";
import { VirtualMachine } from "./virtual-machine.ts";

export interface MachinesArgs {
	stack: StackConfig;
	provider: Provider;
	/** Public half of the key that the program logs in with. */
	sshPublicKey: pulumi.Output<string>;
}

/** Everything on Proxmox: the image on each host, the mappings of the cards, one machine per node. */
export class Machines extends pulumi.ComponentResource {
	/** The machines by node name. */
	readonly byNode: Readonly<Record<string, VirtualMachine>>;

	constructor(name: string, args: MachinesArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:Machines", name, {}, { ...opts, providers: [args.provider] });
		const image = createImage(args, this);
		const gpus = new GpuMappings("gpus", { gpus: args.stack.gpus }, { parent: this });
		this.byNode = createMachines(args, image, gpus, this);
		this.registerOutputs({});
	}
}

function createImage({ stack }: MachinesArgs, parent: pulumi.Resource): CloudImage {
	const { image, imageDatastore } = stack.proxmox;
	const hosts = [...new Set(Object.values(stack.nodes).map(({ host }) => host))].sort();
	return new CloudImage("image", { image, datastore: imageDatastore, hosts }, { parent });
}

function createMachines(
	{ stack, sshPublicKey }: MachinesArgs,
	image: CloudImage,
	gpus: GpuMappings,
	parent: pulumi.Resource,
): Record<string, VirtualMachine> {
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
						protected: stack.proxmox.protectControlPlanes && node.role === "control-plane",
						startsInOrder: stack.proxmox.startOrder,
						firewall: { enabled: stack.proxmox.firewall.enabled, rules: firewallRules(stack, name) },
						datastore: stack.proxmox.vmDatastore,
						imageVolumeId: image.volumeId,
						user: stack.ssh.user,
						authorizedKeys: [sshPublicKey, ...stack.ssh.authorizedKeys],
					},
					// Ids are written out rather than taken from outputs, so that they are known at preview: the order must be said.
					{ parent, dependsOn: [file, mapping].filter((resource) => resource !== undefined) },
				),
			];
		}),
	);
}
