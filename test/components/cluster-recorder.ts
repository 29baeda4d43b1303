/** Runs Rke2Cluster against mocks and keeps what it asked for: the inputs that reach providers, and the options. */
import * as pulumi from "@pulumi/pulumi";
import type { Rke2Cluster } from "../../components/cluster/cluster.ts";
import type { StackConfig } from "../../src/config/schema.ts";

export const secrets = { token: "t0ken".repeat(8), privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----" };
export const authorityHash = "c".repeat(64);

const outputs: Record<string, string> = {
	"cluster-seed": authorityHash,
	"cluster-kubeconfig": `
clusters: [{name: default, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: Y2E=}}]
users: [{name: default, user: {client-key-data: a2V5}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
`,
};

export interface Recorded {
	type: string;
	name: string;
	/** As they were given to the SDK: an `Output` here is not known before something runs. */
	given: Record<string, unknown>;
	options: pulumi.CustomResourceOptions;
	/** Resolved, as a provider gets them. */
	inputs: Record<string, unknown>;
	/** Names of the resources that it waits for, those of its parents' options included. */
	dependsOn: string[];
}

export interface Recording {
	cluster: Rke2Cluster;
	resources: ReadonlyMap<string, Recorded>;
	/** A recorded command. @throws when there is none of that name */
	command(name: string): Recorded;
	/** Whether the one waits for the other, over whatever is in between. */
	waitsFor(name: string, other: string): boolean;
}

/** @param stack every node of it gets a machine of the name `machine-<node>` */
export async function recordCluster(stack: StackConfig): Promise<Recording> {
	const inputs = new Map<string, Record<string, unknown>>();
	await pulumi.runtime.setMocks({
		newResource: (args) => {
			inputs.set(args.name, args.inputs);
			return {
				id: `${args.name}-id`,
				state: { ...args.inputs, stdout: outputs[args.name] ?? `stdout of ${args.name}` },
			};
		},
		call: () => ({}),
	});
	// Only now: a component that was loaded before the mocks would register with a real engine.
	const { Rke2Cluster } = await import("../../components/cluster/cluster.ts");
	const registered: pulumi.ResourceTransformationArgs[] = [];
	const machines = Object.fromEntries(Object.keys(stack.nodes).map((node) => [node, new Machine(`machine-${node}`)]));
	const cluster = new Rke2Cluster(
		"cluster",
		{
			stack,
			machines,
			sshPrivateKey: pulumi.secret(secrets.privateKey),
			clusterToken: pulumi.secret(secrets.token),
		},
		{
			transformations: [
				(args) => {
					registered.push(args);
					return undefined;
				},
			],
		},
	);
	await settled([cluster, ...registered.map(({ resource }) => resource)]);
	const names = new Map<pulumi.Resource, string>([
		...registered.map(({ resource, name }): [pulumi.Resource, string] => [resource, name]),
		...Object.entries(machines).map(([node, machine]): [pulumi.Resource, string] => [machine, `machine-${node}`]),
	]);
	const resources = new Map(
		registered.map(({ type, name, props, opts }): [string, Recorded] => [
			`${type} ${name}`,
			{
				type,
				name,
				given: props,
				options: opts,
				inputs: inputs.get(name) ?? {},
				dependsOn: [opts.dependsOn ?? []].flat().map((resource) => names.get(resource as pulumi.Resource)!),
			},
		]),
	);
	const command = (name: string) => {
		const found = ["remote", "local"].flatMap((kind) => resources.get(`command:${kind}:Command ${name}`) ?? []);
		if (found.length !== 1) {
			throw new Error(`there are ${found.length} commands of the name ${name}`);
		}
		return found[0]!;
	};
	const waitsFor = (name: string, other: string): boolean => {
		const { dependsOn } = command(name);
		return dependsOn.some((before) => before === other || (!before.startsWith("machine-") && waitsFor(before, other)));
	};
	return { cluster, resources, command, waitsFor };
}

class Machine extends pulumi.ComponentResource {
	constructor(name: string) {
		super("test:Machine", name);
	}
}

/** Until every resource has been through the mocks. */
async function settled(resources: pulumi.Resource[]): Promise<void> {
	await Promise.all(resources.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
}
