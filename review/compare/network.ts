/** Connections that the network policies of the program open or close. */
import { isDeepStrictEqual } from "node:util";
import type { NamedPolicy, NetworkPort } from "../../components/platform/network-policies/network-policy.ts";
import { contains, prefixLength as prefixOf, toNumber } from "../../src/config/formats/addresses.ts";
import type { RecordedNode, RecordedResource, StackRecording } from "../recording/recording.ts";
import { allowedPorts, type Endpoint } from "./connections.ts";
import type { Connection, StackReview } from "./review.ts";

type Policies = Record<string, NamedPolicy[]>;

interface Named {
	name: string;
	endpoint: Endpoint;
}

/**
 * Asks both sides for every pair of pods and addresses that any policy of either side names, and for every port that it names. The
 * policies of RKE2 itself are the same on both sides, and left out.
 */
export function compareConnections(before: StackRecording, after: StackRecording): StackReview["network"] {
	const [old, now] = [policiesOf(before.resources), policiesOf(after.resources)];
	const endpoints = endpointsOf([old, now], [...before.nodes, ...after.nodes]);
	const ports = portsOf([old, now]);
	const namespaces = [...new Set([...Object.keys(old), ...Object.keys(now)])];
	const touched = new Set(namespaces.filter((name) => !isDeepStrictEqual(old[name], now[name])));
	const isTouched = ({ endpoint: { namespace } }: Named) => namespace !== undefined && touched.has(namespace);
	const [opened, closed] = [new Map<string, Connection>(), new Map<string, Connection>()];
	for (const to of endpoints) {
		for (const from of endpoints.filter((one) => one !== to && (isTouched(one) || isTouched(to)))) {
			const open = (policies: Policies, exists: (endpoint: Endpoint) => boolean) =>
				exists(from.endpoint) && exists(to.endpoint) ? allowedPorts(policies, from.endpoint, to.endpoint, ports) : [];
			const [were, are] = [open(old, existsIn(before, after)), open(now, existsIn(after, before))];
			add(opened, from, to, without(are, were));
			add(closed, from, to, without(were, are));
		}
	}
	return { opened: [...opened.values()], closed: [...closed.values()] };
}

/** A namespace of the program is there on one side, or on both. A namespace without policies would be open. */
function existsIn({ resources }: StackRecording, other: StackRecording): (endpoint: Endpoint) => boolean {
	const [own, others] = [resources, other.resources].map(
		(list) => new Set(list.filter(({ type }) => type === "kubernetes:core/v1:Namespace").map(({ name }) => name)),
	) as [Set<string>, Set<string>];
	return ({ namespace }) => namespace === undefined || own.has(namespace) || !others.has(namespace);
}

function without(ports: readonly NetworkPort[], others: readonly NetworkPort[]): NetworkPort[] {
	return ports.filter((port) => !others.includes(port));
}

/** Callers of the same destination at the same ports are one entry. */
function add(connections: Map<string, Connection>, from: Named, to: Named, numbers: readonly NetworkPort[]): void {
	if (numbers.length > 0) {
		const ports = numbers.map(({ port, protocol }) => (protocol === "TCP" ? `${port}` : `${port}/udp`));
		const key = JSON.stringify([to.name, ports]);
		const known = connections.get(key) ?? { from: [], to: to.name, ports };
		known.from.push(from.name);
		connections.set(key, known);
	}
}

function policiesOf(resources: readonly RecordedResource[]): Policies {
	const policies = resources
		.filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy")
		.map(({ name, inputs }) => {
			const { metadata, spec } = inputs as unknown as { metadata: { namespace: string }; spec: NamedPolicy["spec"] };
			return { namespace: metadata.namespace, policy: { name, spec } };
		});
	return Object.fromEntries(
		[...Map.groupBy(policies, ({ namespace }) => namespace)].map(([namespace, list]) => [
			namespace,
			list.map(({ policy }) => policy),
		]),
	);
}

function portsOf(sides: readonly Policies[]): NetworkPort[] {
	const all = rulesOf(sides)
		.flatMap(({ ports }) => ports ?? [])
		.filter(({ port }) => typeof port === "number");
	return [...new Map(all.map((port) => [`${port.protocol} ${port.port}`, port])).values()].sort(
		(a, b) => Number(a.port) - Number(b.port) || (a.protocol < b.protocol ? -1 : 1),
	);
}

function rulesOf(sides: readonly Policies[]) {
	return sides
		.flatMap((policies) => Object.values(policies).flat())
		.flatMap(({ spec }) => [
			...(spec.ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports })),
			...(spec.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports })),
		]);
}

/** A pod for each set of labels in each namespace, and an address for each network. */
function endpointsOf(sides: readonly Policies[], nodes: readonly RecordedNode[]): Named[] {
	const pods = new Map<string, Named>();
	const addPod = (namespace: string, labels: Record<string, string>) => {
		const text = Object.entries(labels)
			.map(([key, value]) => `${key}=${value}`)
			.join(",");
		const name = text === "" ? `any other pod in ${namespace}` : `${namespace} (${text})`;
		pods.set(name, { name, endpoint: { address: podAddress, namespace, labels } });
	};
	for (const policies of sides) {
		for (const [namespace, list] of Object.entries(policies)) {
			addPod(namespace, {});
			for (const { spec } of list) {
				addPod(namespace, spec.podSelector.matchLabels ?? {});
			}
		}
	}
	const peers = rulesOf(sides).flatMap(({ peers }) => peers);
	for (const { namespaceSelector, podSelector } of peers) {
		const namespace = namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
		if (namespace !== undefined) {
			addPod(namespace, podSelector?.matchLabels ?? {});
		}
	}
	const networks = [
		...new Set(peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []))),
	];
	return [...pods.values(), ...addressesOf(sides, networks, nodes)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Outside of every network that a policy names: pods are found by their labels. */
const podAddress = "0.0.0.1";

/** The first address of each network that is in no smaller one of them. Networks that every rule treats alike are one. */
function addressesOf(sides: readonly Policies[], networks: readonly string[], nodes: readonly RecordedNode[]): Named[] {
	const listed = new Map<string, number[]>(networks.map((cidr) => [cidr, []]));
	for (const [index, { peers }] of rulesOf(sides).entries()) {
		for (const { ipBlock } of peers) {
			for (const cidr of ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []) {
				listed.get(cidr)!.push(index);
			}
		}
	}
	const wide = networks.filter((cidr) => prefixOf(cidr) < 32);
	const treatment = (cidr: string) =>
		JSON.stringify([
			listed.get(cidr),
			prefixOf(cidr) === 32 ? wide.filter((other) => contains(other, baseOf(cidr))) : cidr,
		]);
	return [...Map.groupBy(networks, treatment).values()].map((group) => ({
		name: namesOf(group, nodes),
		endpoint: { address: addressIn(group[0]!, networks) },
	}));
}

function namesOf(group: readonly string[], nodes: readonly RecordedNode[]): string {
	const names = group.map((cidr) => nodes.find(({ address }) => `${address}/32` === cidr)?.name ?? cidr);
	return names.length > 3 ? `${names[0]} and ${names.length - 1} addresses alike` : names.join(", ");
}

function addressIn(cidr: string, networks: readonly string[]): string {
	const smaller = networks.filter((other) => prefixOf(other) > prefixOf(cidr));
	const [base, size] = [toNumber(baseOf(cidr)), 2 ** (32 - prefixOf(cidr))];
	const candidates = [base, ...smaller.map((other) => toNumber(baseOf(other)) + 2 ** (32 - prefixOf(other)))];
	const free = candidates
		.filter((number) => number >= base && number < base + size)
		.map(toAddress)
		.find((text) => !smaller.some((other) => contains(other, text)));
	return free ?? baseOf(cidr);
}

function baseOf(cidr: string): string {
	return cidr.split("/")[0]!;
}

function toAddress(number: number): string {
	return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
