import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { ClusterSettings } from "../../../../components/cluster/settings.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { type Registration, record } from "../recorder.ts";
import { Machine } from "./machine.ts";

const snapshotStoreCredentials = { accessKey: pulumi.secret("AKIA"), secretKey: pulumi.secret("s3cret") };

/** What the lab's stack file, changed by a merge patch, puts into the cluster. */
async function settings(change: Record<string, unknown>): Promise<Registration[]> {
	const stack = labStack(change);
	const resources = await record(() => {
		const provider = new Provider("kubernetes", { kubeconfig: "{}", clusterIdentifier: "lab" });
		const cluster = new pulumi.ComponentResource("test:index:Cluster", "cluster");
		const machines = Object.fromEntries(Object.keys(stack.nodes).map((node) => [node, new Machine(`machine-${node}`)]));
		new ClusterSettings("cluster-settings", { stack, machines, snapshotStoreCredentials, provider, cluster });
	});
	return resources.filter(({ type }) => type.startsWith("kubernetes:"));
}

const store = { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups", folder: "cluster1", insecure: true };

describe("a store for etcd snapshots", () => {
	test("becomes the Secret that RKE2 reads, with its content secret on the way", async () => {
		const [secret] = (await settings({ cluster: { etcdSnapshots: { s3: store } } })).filter(({ type }) =>
			type.endsWith(":Secret"),
		);
		expect(secret).toMatchObject({ provider: "kubernetes", deletedWith: "cluster", parent: "cluster-settings" });
		const { metadata, type, stringData } = secret!.inputs as Record<string, Record<string, unknown>>;
		expect(metadata).toEqual({ name: "rke2-etcd-snapshot-store", namespace: "kube-system" });
		expect(type).toBe("etcd.k3s.cattle.io/s3-config-secret");
		expect(stringData).toEqual({
			secret: {
				"etcd-s3-endpoint": "s3.internal:9000",
				"etcd-s3-bucket": "rke2-etcd-backups",
				"etcd-s3-folder": "cluster1",
				"etcd-s3-region": "us-east-1",
				"etcd-s3-retention": "120",
				"etcd-s3-insecure": "true",
				"etcd-s3-access-key": "AKIA",
				"etcd-s3-secret-key": "s3cret",
			},
		});
	});

	test("has the bucket lookup of the stack file", async () => {
		const s3 = { ...store, bucketLookup: "path" };
		const [secret] = (await settings({ cluster: { etcdSnapshots: { s3 } } })).filter(({ type }) =>
			type.endsWith(":Secret"),
		);
		expect(secret!.inputs).toMatchObject({ stringData: { secret: { "etcd-s3-bucket-lookup-type": "path" } } });
	});

	test("creates no Secret when the stack file has no store", async () => {
		expect((await settings({})).filter(({ type }) => type.endsWith(":Secret"))).toEqual([]);
	});
});

describe("labels of nodes", () => {
	test("go through the API, including those that a kubelet may not set itself", async () => {
		const labels = { rack: "a", "topology.kubernetes.io/zone": "rack-a" };
		const patches = (await settings({ nodes: { "proj-k8sw02": { labels } } })).filter(({ type }) =>
			type.endsWith(":NodePatch"),
		);
		expect(Object.fromEntries(patches.map(({ inputs }) => labelsOf(inputs)))).toMatchObject({
			"proj-k8sm01": { "topology.kubernetes.io/zone": "node01", "topology.kubernetes.io/region": "astronomy-lab" },
			"proj-k8sw02": { "topology.kubernetes.io/zone": "rack-a", rack: "a", "node-role.kubernetes.io/worker": "true" },
			"proj-k8sw04": { "topology.kubernetes.io/zone": "node04", gpu: "true", "node-role.kubernetes.io/worker": "true" },
		});
		expect(patches).toHaveLength(8);
		for (const { provider, deletedWith } of patches) {
			expect({ provider, deletedWith }).toEqual({ provider: "kubernetes", deletedWith: "cluster" });
		}
	});

	test("are set again on a machine that was made anew, and no deletion of them creates a Node that has left", async () => {
		const patches = (await settings({})).filter(({ type }) => type.endsWith(":NodePatch"));
		for (const { name, replacementTrigger, retainOnDelete } of patches) {
			const machine = name.replace("-labels", "");
			expect({ replacementTrigger, retainOnDelete }, name).toEqual({
				replacementTrigger: `identity of machine-${machine}`,
				retainOnDelete: true,
			});
		}
	});

	test("leave the role label of a control plane to RKE2", async () => {
		const [patch] = (await settings({})).filter(({ name }) => name === "proj-k8sm01-labels");
		expect(Object.keys(labelsOf(patch!.inputs)[1]).filter((label) => label.startsWith("node-role"))).toEqual([]);
	});
});

function labelsOf(inputs: Record<string, unknown>): [string, Record<string, string>] {
	const { name, labels } = inputs.metadata as { name: string; labels: Record<string, string> };
	return [name, labels];
}
