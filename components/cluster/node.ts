import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { sshHost } from "../../src/config/derived/endpoints.ts";
import { localVolumeCount } from "../../src/config/derived/storage.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { tarballUrl } from "../../src/rke2/artifact.ts";
import { renderBundle } from "../../src/rke2/bundle.ts";
import { nodeFiles } from "../../src/rke2/files.ts";
import { hostFiles } from "../../src/rke2/host.ts";
import { kernelHold } from "../../src/rke2/kernel-hold.ts";
import type { Rke2Role } from "../../src/rke2/keys.ts";
import type { MachineSize } from "../../src/rke2/machine-size.ts";
import { proxyArguments } from "../../src/rke2/proxy.ts";
import { releaseArguments } from "../../src/rke2/release-argument.ts";
import { rke2Role } from "../../src/rke2/role.ts";
import { bastionKeyFrom, sshConnection, sshLogin } from "../../src/ssh/connection.ts";
import { prepareAddress } from "./address.ts";
import { learnHostKey } from "./host-key.ts";
import type { NodeAccess, NodeConnection, NodeMachine } from "./node-access.ts";
import { checkBeforehand } from "./preflight.ts";
import { explainRefusedLogin } from "./refused-login.ts";
import { type Registries, writeRegistries } from "./registries.ts";
import { remoteScript } from "./remote-script.ts";
import { installToolkit } from "./toolkit.ts";

export type DrainLimits = StackConfig["cluster"]["drain"]["gpuNodes"];

export interface ClusterNodeArgs {
	stack: StackConfig;
	node: NodeConfig;
	sshPrivateKey: pulumi.Input<string>;
	/** The program's key on `ssh.bastion`. */
	bastionKey?: pulumi.Output<string> | undefined;
	/** For reading the host key by the guest agent of the VM. */
	proxmoxApiToken: pulumi.Output<string>;
	/** Mirrors and credentials of image registries, if the stack has any. */
	registries?: Registries | undefined;
	machine: NodeMachine;
	/** Prints the findings of the preflight on a member. */
	warning: pulumi.ResourceHook;
}

/**
 * A node that is ready to join: the program reaches it and has installed its scripts and the release. The commands that make it
 * a member are further children of this component.
 */
export class ClusterNode extends pulumi.ComponentResource implements NodeAccess {
	readonly nodeName: string;
	readonly role: Rke2Role;
	readonly address: string;
	/** The size that its VM should have. */
	readonly size: MachineSize;
	/** How long its pods may take to stop when it is drained. */
	readonly drain: DrainLimits;
	/** RKE2's files on this node as text, known at preview. */
	readonly bundle: string;
	readonly connection: NodeConnection;
	/** Whether the S3 store has to take the snapshot before a change of this node: of a server, where the stack file says so. */
	readonly storeRequired: boolean;
	/** Changes with the content of registries.yaml, which is not in the bundle. */
	readonly registriesRevision: pulumi.Output<string> | undefined;
	readonly identity: pulumi.Output<string>;
	/** Of each step on the node. */
	readonly stepOptions: { parent: pulumi.Resource; replacementTrigger: pulumi.Output<string> };
	/** Created once the node may be seeded or joined. */
	readonly prepared: pulumi.Resource;

	constructor(name: string, args: ClusterNodeArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Node", name, {}, opts);
		const { stack, node } = args;
		this.nodeName = name;
		this.role = rke2Role(node);
		this.address = node.address;
		this.size = node;
		this.drain = node.gpu ? stack.cluster.drain.gpuNodes : stack.cluster.drain;
		this.storeRequired = this.role === "server" && (stack.cluster.etcdSnapshots.s3?.required ?? false);
		this.bundle = renderBundle(nodeFiles(stack, name, node));
		this.identity = args.machine.identity;
		this.stepOptions = { parent: this, replacementTrigger: this.identity };
		this.connection = connect(name, args, this.stepOptions);
		const toolkit = installToolkit(this, { ...this.stepOptions, dependsOn: args.machine });
		const hooks = { afterCreate: [args.warning], afterUpdate: [args.warning] };
		const checked = checkBeforehand(this, args, { ...this.stepOptions, dependsOn: toolkit, hooks });
		const prepared = prepare(this, args, { ...this.stepOptions, dependsOn: checked });
		this.registriesRevision = args.registries?.revision;
		const configured = args.registries
			? writeRegistries(this, args.registries, { ...this.stepOptions, dependsOn: prepared })
			: prepared;
		this.prepared = prepareAddress(this, stack, { ...this.stepOptions, dependsOn: configured }) ?? configured;
		this.registerOutputs({});
	}
}

function connect(
	name: string,
	{ stack, node, sshPrivateKey, bastionKey, proxmoxApiToken, machine }: ClusterNodeArgs,
	opts: pulumi.CustomResourceOptions,
): NodeConnection {
	const { user, hostKeys, hostKeySource, bootTimeoutSeconds } = stack.ssh;
	const bastion = stack.ssh.bastion &&
		bastionKey && { ...stack.ssh.bastion, privateKey: bastionKey.apply(bastionKeyFrom) };
	const host = sshHost(stack, name);
	const known = hostKeys[name];
	const agent = { endpoint: stack.proxmox.endpoint, host: node.host, vmId: node.vmId, apiToken: proxmoxApiToken };
	const source = known === undefined && hostKeySource === "guest-agent" ? { agent } : { known };
	const learned = learnHostKey(
		{
			node: name,
			address: host,
			bootTimeoutSeconds,
			source,
			bastion: bastion && sshLogin<pulumi.Input<string>>(bastion),
		},
		{ ...opts, dependsOn: machine },
	);
	// Also when the key is known, the program waits until the machine has answered with this key.
	const hostKey = known === undefined ? learned : learned.apply(() => known);
	return {
		ssh: sshConnection<pulumi.Input<string>>({ host, user, privateKey: sshPrivateKey, hostKey }, bastion),
		whenRefused: explainRefusedLogin(`${name}-refused-login`, name),
	};
}

/**
 * On a change of version this command only downloads the new release, on all nodes at once; converge.ts installs it on one node
 * at a time. A failed download thus stops an upgrade before a node with the same role has changed.
 */
function prepare(
	{ nodeName, role, connection }: NodeAccess,
	{ stack, node }: ClusterNodeArgs,
	opts: pulumi.ResourceOptions,
): Command {
	const { cluster } = stack;
	const dataDisk = [localVolumeCount(stack, node), node.dataDiskGiB ?? 0].map(String);
	// Only a restore lets a server go back to an older minor. Without a proxy its two places are empty.
	const snapshot = role === "server" ? cluster.restore?.snapshot : undefined;
	const restore = snapshot === undefined ? [] : [...(cluster.proxy ? [] : ["", ""]), snapshot];
	return remoteScript(
		nodeStepName(nodeName, "prepare"),
		{
			connection,
			script: "prepare.sh",
			arguments: [
				...releaseArguments(nodeName, role, cluster.version),
				tarballUrl(cluster),
				cluster.artifacts.sha256,
				...dataDisk,
				...proxyArguments(stack),
				...restore,
			],
			stdin: renderBundle([...hostFiles(stack), kernelHold(stack, node)]),
			timeoutSeconds: 1800,
		},
		opts,
	);
}
