/** All that an operation leaves behind, so that two ends can be compared. */
import assert from "node:assert/strict";
import type { Exported } from "../../../src/state/exported.ts";
import { isSecret } from "../../../src/state/exported.ts";
import { memberNames } from "../../verify/etcd.ts";
import { type ScenarioCluster, servers } from "./cluster.ts";

/** The name of a part, such as a file of a node, and its content. */
export type Portrait = ReadonlyMap<string, string>;

/** Where the program, its scripts and RKE2's packaged units write. */
const directories = [
	"/etc/rancher",
	"/etc/sysctl.d",
	"/etc/systemd/system",
	"/etc/keepalived",
	"/usr/local",
	"/var/lib/rke2-lab",
	"/var/lib/rancher/rke2/agent/pod-manifests",
	"/var/lib/rancher/rke2/server/manifests",
	"/var/lib/rancher/rke2/server/cred",
];

/**
 * Files whose content differs after each run: RKE2 writes keys, passwords and certificates into them, or they tell when something
 * happened, or which snapshot was restored. Their names, modes and owners are compared.
 */
const changingFiles =
	/\/(rke2\.yaml|.*\.(kubeconfig|key|crt)|passwd|node\/password|ipsec\.psk|key-rotation|encryption-(config|state)\.json|restore(-old-data)?|reset\.(log|yaml))$/;

/** What a node has from earlier operations: the time of its last restart, and other releases. A node that was made anew has neither. */
function isOfHistory(path: string, version: string): boolean {
	return (
		/\/(restart-seconds|previous)$/.test(path) ||
		(/\/releases\/[^/]+\.tar\.gz$/.test(path) && !path.endsWith(`/${version}.tar.gz`))
	);
}

/**
 * Kinds whose objects come and go by themselves, with the API's own names of resources. Leases and events tell of a moment;
 * the others are made by a controller from an object that is compared.
 */
const passingKinds = [
	"events",
	"events.events.k8s.io",
	"leases.coordination.k8s.io",
	"pods",
	"endpoints",
	"endpointslices.discovery.k8s.io",
	"controllerrevisions.apps",
	"replicasets.apps",
	"componentstatuses",
	"etcdsnapshotfiles.k3s.cattle.io",
];

/** Fields that the API server or a controller writes. */
const passingFields = new Set([
	"creationTimestamp",
	"generation",
	"managedFields",
	"resourceVersion",
	"status",
	"uid",
	"caBundle",
	"deletionTimestamp",
	// Of the Job, which is made anew when a machine has been elsewhere.
	"controller-uid",
	"batch.kubernetes.io/controller-uid",
	// The name of a member of etcd has a random end.
	"etcd.rke2.cattle.io/node-name",
	// A machine chooses the address of its VXLAN device when it boots.
	"flannel.alpha.coreos.com/backend-data",
]);

/** Stands in the inputs of a bridged resource, and differs between an `up` with a refresh and one without. */
const listOfDefaults = "__defaults";

export async function portraitOf(cluster: ScenarioCluster): Promise<Portrait> {
	const { rehearsal } = cluster;
	const nodes = Object.keys(await cluster.kubelets());
	const parts = await Promise.all([
		resourcesIn(await rehearsal.state()),
		objectsOf(cluster),
		...nodes.map((node) => filesOf(cluster, node)),
	]);
	const { vms, volumes } = await rehearsal.datacenter.inventory();
	const members = await memberNames(servers, (node, command) => rehearsal.onNode(node, command));
	return withoutKeyHash([
		...parts.flat(),
		["Proxmox", `${vms} VMs, ${volumes} volumes`],
		["members of etcd", members.toSorted().join(", ")],
	]);
}

/** Each rotation makes a random key for Secrets. Its hash stands on the nodes, and in the commands that wait for it. */
export function withoutKeyHash(parts: readonly Part[]): Portrait {
	const hash = /"rke2\.io\/encryption-config-hash":"\w+-([0-9a-f]{64})"/;
	const hashes = new Set(parts.flatMap(([, content]) => hash.exec(content)?.[1] ?? []));
	return new Map(
		parts.map(([name, content]) => [
			name,
			[...hashes].reduce((text, one, index) => text.replaceAll(one, `key ${index}`), content),
		]),
	);
}

/** @returns a sentence for each difference; empty when both ends are the same */
export function differencesOf(expected: Portrait, found: Portrait): string[] {
	return [...new Set([...expected.keys(), ...found.keys()])].toSorted().flatMap((name) => {
		const [was, is] = [expected.get(name), found.get(name)];
		if (was === is) {
			return [];
		}
		return [
			is === undefined
				? `missing: ${name}`
				: was === undefined
					? `too much: ${name}`
					: `${name}: ${whereTheyDiffer(was, is)}`,
		];
	});
}

/** Characters before and after the first one that differs. */
const surroundings = 60;

function whereTheyDiffer(was: string, is: string): string {
	let at = 0;
	while (was[at] === is[at]) {
		at += 1;
	}
	const [from, to] = [Math.max(0, at - surroundings), at + surroundings];
	return `${was.slice(from, to)} / ${is.slice(from, to)}`;
}

type Part = [name: string, content: string];

function resourcesIn({ deployment }: Exported): Part[] {
	return (deployment.resources ?? []).map(({ urn, inputs, dependencies = [] }) => [
		`resource ${urn.split("::").slice(2).join("::")}`,
		JSON.stringify({ inputs: withoutSecrets(inputs), dependencies: dependencies.toSorted() }),
	]);
}

/** The same secret has another ciphertext after each run. */
function withoutSecrets(value: unknown): unknown {
	if (isSecret(value)) {
		return "secret";
	}
	if (Array.isArray(value)) {
		return value.map(withoutSecrets);
	}
	return typeof value === "object" && value !== null
		? Object.fromEntries(
				Object.entries(value)
					.filter(([key]) => key !== listOfDefaults)
					.map(([key, field]) => [key, withoutSecrets(field)]),
			)
		: value;
}

async function filesOf({ rehearsal, version }: ScenarioCluster, node: string): Promise<Part[]> {
	const find = `find ${directories.join(" ")} -type f -printf "%m %u:%g %p\\\\n" -exec sha256sum {} + 2>/dev/null`;
	const lines = (await rehearsal.onNode(node, `sh -c '${find} || true'`)).split("\n");
	const modes = new Map<string, string>();
	const digests = new Map<string, string>();
	for (const line of lines) {
		const [, digest, hashed] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
		const [, mode, found] = /^(\d{3,4} \S+) (\/.+)$/.exec(line) ?? [];
		if (hashed) {
			digests.set(hashed, digest!);
		} else if (found) {
			modes.set(found, mode!);
		}
	}
	assert.ok(modes.size > 0 && modes.size === digests.size, `not every file of ${node} could be read`);
	return [...modes]
		.filter(([path]) => !isOfHistory(path, version))
		.map(([path, mode]) => [`file ${node}:${path}`, changingFiles.test(path) ? mode : `${mode} ${digests.get(path)}`]);
}

async function objectsOf({ rehearsal }: ScenarioCluster): Promise<Part[]> {
	const kinds = (await rehearsal.kubectl("api-resources", "--verbs=list", "--output=name"))
		.split("\n")
		.filter((kind) => kind !== "" && !passingKinds.includes(kind));
	const { items } = JSON.parse(
		await rehearsal.kubectl("get", kinds.join(","), "--all-namespaces", "--output=json", "--ignore-not-found"),
	);
	return items.map(({ kind, apiVersion, metadata, ...object }: ApiObject) => [
		`object ${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
		JSON.stringify(lasting(isOfNode(kind) ? { metadata: withoutOwner(metadata) } : { metadata, ...object })),
	]);
}

interface ApiObject {
	kind: string;
	apiVersion: string;
	metadata: { namespace?: string; name: string; ownerReferences?: object[] };
}

function isOfNode(kind: string): boolean {
	return kind === "Secret" || kind === "Node";
}

/** RKE2 names the Node as the owner of its password only after a second start. */
function withoutOwner({ ownerReferences: _, ...metadata }: ApiObject["metadata"]): object {
	return metadata;
}

function lasting(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(lasting);
	}
	return typeof value === "object" && value !== null
		? Object.fromEntries(
				Object.entries(value)
					.filter(([key]) => !passingFields.has(key))
					.map(([key, field]) => [key, lasting(field)]),
			)
		: value;
}
