/** The cluster as the components ask for it: what the tests of its parts have in common. */
import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import { parse } from "yaml";
import { Rke2Cluster } from "../../../../components/cluster/cluster.ts";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { parseBundle } from "../../../../src/rke2/bundle.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { type RecordOptions, type Registration, record } from "../recorder.ts";
import { Machine } from "./machine.ts";

export const clusterToken = "t0ken".repeat(8);
export const agentToken = "4gent".repeat(8);
export const proxmoxApiToken = "rke2-astronomy-lab@pve!pulumi=22222222";
export const sshPrivateKey = "-----BEGIN OPENSSH PRIVATE KEY-----";
export const bastionKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nYmFzdGlvbg==\n-----END OPENSSH PRIVATE KEY-----";
export const authorityHash = "c".repeat(64);
export const serverKubeconfig = `
clusters: [{name: default, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: Y2E=}}]
users: [{name: default, user: {client-key-data: a2V5}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
`;

export const stack = labStack();
export const controlPlanes = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"];
export const workers = ["proj-k8sw01", "proj-k8sw02", "proj-k8sw03", "proj-k8sw04", "proj-k8sw05"];
export const nodes = [...controlPlanes, ...workers];
export const perNode = ["toolkit", "preflight", "prepare", "token", "join", "converge"];
const ofTheCluster = ["cluster-seed", "cluster-seed-token"];
export const remoteCommands = [...nodes.flatMap((node) => perNode.map((step) => `${node}-${step}`)), ...ofTheCluster];

const stdouts: Record<string, string> = { "cluster-seed": authorityHash, "cluster-kubeconfig": serverKubeconfig };
const created: RecordOptions = { outputs: (name) => ({ stdout: stdouts[name] ?? `stdout of ${name}` }) };

/** A cluster whose machines are resources of the names `machine-<node>`. */
export class Recording {
	readonly cluster: Rke2Cluster;
	readonly resources: Registration[];

	private constructor(cluster: Rke2Cluster, resources: Registration[]) {
		this.cluster = cluster;
		this.resources = resources;
	}

	static async of(
		from: StackConfig,
		options: RecordOptions = created,
		registryCredentials?: string,
		ownAgentToken = agentToken,
		recordedKubeconfig?: string,
	): Promise<Recording> {
		let cluster: Rke2Cluster | undefined;
		const resources = await record(() => {
			cluster = new Rke2Cluster("cluster", {
				stack: from,
				machines: Object.fromEntries(Object.keys(from.nodes).map((node) => [node, new Machine(`machine-${node}`)])),
				sshPrivateKey: pulumi.secret(sshPrivateKey),
				bastionKey: pulumi.secret(bastionKey),
				proxmoxApiToken: pulumi.secret(proxmoxApiToken),
				clusterToken: pulumi.secret(clusterToken),
				agentToken: pulumi.secret(ownAgentToken),
				snapshotStoreCredentials: { accessKey: pulumi.secret("AKIA"), secretKey: pulumi.secret("s3cret") },
				registryCredentials: registryCredentials === undefined ? undefined : pulumi.secret(registryCredentials),
				recordedKubeconfig,
				recordedSnapshots: undefined,
				restoring: from.cluster.restore !== undefined,
			});
		}, options);
		return new Recording(cluster!, resources);
	}

	command(name: string): Registration {
		const found = this.resources.filter((resource) => resource.name === name && resource.type.startsWith("command:"));
		expect(found, name).toHaveLength(1);
		return found[0]!;
	}

	/** Whether one command comes after the other, directly or not. */
	isAfter(name: string, other: string): boolean {
		const before = new Set(this.command(name).dependsOn);
		// A set also visits what is added meanwhile.
		for (const dependency of before) {
			if (!dependency.startsWith("machine-")) {
				for (const further of this.command(dependency).dependsOn) {
					before.add(further);
				}
			}
		}
		return before.has(other);
	}
}

export const recording = await Recording.of(stack);

export const command = (name: string) => recording.command(name);
export const isAfter = (name: string, other: string) => recording.isAfter(name, other);
export const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

export function configIn(stdin: unknown) {
	const files = parseBundle(stdin as string);
	return parse(files.find(({ path }) => path === "/etc/rancher/rke2/config.yaml")!.content, { version: "1.1" });
}
