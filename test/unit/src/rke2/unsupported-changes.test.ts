import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../../src/rke2/files.ts";
import { type NodeState, unsupportedChanges } from "../../../../src/rke2/unsupported-changes.ts";
import { labStack } from "../../../fixtures/lab.ts";

type Change = Record<string, unknown>;

/** A node of the lab, of which the stack file says something else. */
function nodeWith(change: Change, name: string): NodeState {
	const stack = labStack(change);
	return { version: stack.cluster.version, files: nodeFiles(stack, name, stack.nodes[name]!) };
}

function refused(runs: Change, wanted: Change, name = "proj-k8sm01", restoring = false): string[] {
	return unsupportedChanges(nodeWith(runs, name), nodeWith(wanted, name), restoring);
}

const keepalived = { cluster: { api: { mode: "keepalived" } } };
const loadBalancer = { cluster: { api: { mode: "external" } } };
const byName = { cluster: { api: { mode: "dns", address: null } } };

describe("a running cluster may", () => {
	test.each<[string, Change]>([
		["stay as it is", {}],
		["upgrade by a minor", { cluster: { version: "v1.36.0+rke2r1" } }],
		["go back to a lower patch", { cluster: { version: "v1.35.1+rke2r1" } }],
		["keep other snapshots", { cluster: { etcdSnapshots: { retention: 7 } } }],
		["have its API called by another name", { cluster: { api: { hostname: "kubernetes.lab.internal" } } }],
	])("%s", (_, change) => {
		expect(refused({}, change)).toEqual([]);
		expect(refused({}, change, "proj-k8sw01")).toEqual([]);
	});

	test("go from etcd 3.5.26 to 3.6", () => {
		const runs = { cluster: { version: "v1.33.10+rke2r3" } };
		expect(refused(runs, { cluster: { version: "v1.34.10+rke2r1" } })).toEqual([]);
		expect(refused(runs, { cluster: { version: "v1.33.13+rke2r2" } })).toEqual([]);
	});
});

test("a restore of a snapshot takes a cluster back to the minor before, and from etcd 3.6 to 3.5", () => {
	const back = (runs: string, wanted: string) =>
		refused({ cluster: { version: runs } }, { cluster: { version: wanted } }, "proj-k8sm01", true);
	expect(back("v1.36.0+rke2r1", "v1.35.7+rke2r1")).toEqual([]);
	expect(back("v1.34.10+rke2r1", "v1.33.10+rke2r3")).toEqual([]);
	expect(back("v1.33.11+rke2r1", "v1.33.10+rke2r3")).toEqual([]);
	expect(back("v1.36.0+rke2r1", "v1.34.10+rke2r1")).toEqual([
		"cluster.version v1.34.10+rke2r1 is 2 minors older than the v1.36.0+rke2r1 that runs here, and a rollback goes to the minor before only",
	]);
	expect(back("v1.34.10+rke2r1", "v1.36.0+rke2r1")).toEqual([expect.stringContaining(" skips a minor after ")]);
});

describe("a running cluster may not", () => {
	test.each<[string, Change, Change, string]>([
		[
			"skip a minor",
			{},
			{ cluster: { version: "v1.37.0+rke2r1" } },
			"cluster.version v1.37.0+rke2r1 skips a minor after the v1.35.7+rke2r1 that runs here; upgrade to 1.36 first",
		],
		[
			"go back to an older minor",
			{},
			{ cluster: { version: "v1.34.10+rke2r1" } },
			"cluster.version v1.34.10+rke2r1 is an older minor than the v1.35.7+rke2r1 that runs here, and etcd cannot go back; name a snapshot of 1.34 in cluster.restore too",
		],
		[
			"go back from etcd 3.6 to 3.5",
			{ cluster: { version: "v1.33.11+rke2r1" } },
			{ cluster: { version: "v1.33.10+rke2r3" } },
			"cluster.version v1.33.10+rke2r3 brings etcd 3.5, which cannot read the data of etcd 3.6 of the v1.33.11+rke2r1 that runs here; stay at v1.33.11 or later, or name a snapshot of v1.33.10+rke2r3 in cluster.restore too",
		],
		[
			"go to etcd 3.6 from an etcd before 3.5.26",
			{ cluster: { version: "v1.33.6+rke2r1" } },
			{ cluster: { version: "v1.34.10+rke2r1" } },
			"cluster.version v1.34.10+rke2r1 brings etcd 3.6. An upgrade to it is safe from etcd 3.5.26 on, and the v1.33.6+rke2r1 that runs here has an older one; upgrade to v1.33.10+rke2r3 first",
		],
		[
			"have another pod network",
			{},
			{ cluster: { podCidr: "10.44.0.0/16" } },
			"cluster.podCidr is 10.42.0.0/16 on this cluster and cannot become 10.44.0.0/16",
		],
		[
			"have another service network",
			{},
			{ cluster: { serviceCidr: "10.45.0.0/16" } },
			"cluster.serviceCidr is 10.43.0.0/16 on this cluster and cannot become 10.45.0.0/16",
		],
		[
			"encrypt what it did not",
			{ cluster: { canal: { mtu: 1420 } } },
			{ cluster: { canal: { backend: "wireguard", mtu: 1420 } } },
			"cluster.canal.backend is vxlan on this cluster and cannot become wireguard",
		],
		[
			"send larger packets",
			{},
			{ network: { mtu: 9000 }, cluster: { canal: { mtu: 8900 } } },
			"cluster.canal.mtu is 1450 on this cluster and cannot become 8900",
		],
		[
			"move its API to another address",
			{},
			{ cluster: { api: { address: "10.25.20.28" } } },
			"cluster.api.address is 10.25.20.29 on this cluster and cannot become 10.25.20.28",
		],
		[
			"move its API to another name in mode dns",
			byName,
			{ cluster: { api: { ...byName.cluster.api, hostname: "kubernetes.lab.internal" } } },
			"cluster.api.hostname is api.k8s.lab.internal on this cluster and cannot become kubernetes.lab.internal",
		],
		[
			"have its address held by another program",
			{},
			keepalived,
			"cluster.api.mode is kube-vip on this cluster and cannot become keepalived",
		],
		[
			"share its address under another number",
			keepalived,
			{ cluster: { api: { mode: "keepalived", virtualRouterId: 52 } } },
			"cluster.api.virtualRouterId is 51 on this cluster and cannot become 52",
		],
		[
			"hold the address of a load balancer",
			loadBalancer,
			{},
			"cluster.api.mode is external on this cluster and cannot become kube-vip",
		],
		[
			"lose its address to a name",
			keepalived,
			byName,
			"cluster.api.mode is keepalived on this cluster and cannot become dns",
		],
	])("%s", (_, runs, wanted, sentence) => {
		expect(refused(runs, wanted)).toEqual([expect.stringContaining(sentence)]);
	});

	test("give a member another role or address", () => {
		// In the place of another control plane: an even number of them is a mistake.
		const moved = { role: "control-plane", address: "10.25.20.77" };
		const change = { nodes: { "proj-k8sw01": moved, "proj-k8sm01": null } };
		const advice = "; set the old value again, or replace the node by one of another name";
		expect(refused({}, change, "proj-k8sw01")).toEqual([
			`nodes.proj-k8sw01.role is worker on this member and cannot become control-plane${advice}`,
			`nodes.proj-k8sw01.address is 10.25.20.7 on this member and cannot become 10.25.20.77${advice}`,
		]);
	});
});

test("every unsupported change is reported at once, with what to do", () => {
	const change = { cluster: { version: "v1.37.0+rke2r1", podCidr: "10.44.0.0/16", canal: { mtu: 1400 } } };
	const advice = "while it runs; set the old value again, or build a new cluster";
	expect(refused({}, change)).toEqual([
		expect.stringMatching(/^cluster\.version .*; upgrade to 1\.36 first$/),
		`cluster.podCidr is 10.42.0.0/16 on this cluster and cannot become 10.44.0.0/16 ${advice}`,
		`cluster.canal.mtu is 1450 on this cluster and cannot become 1400 ${advice}`,
	]);
});
