/** The excess of the rules of all policies together: all traffic, or the traffic of every pod of the cluster. */
import { sizeOf } from "../../../../src/config/formats/intervals.ts";
import type { Network } from "../../../../src/config/formats/networks.ts";
import { selectedNamespaces, selectsAllButSome } from "../selectors.ts";
import type { Allowed, Peer, Ports } from "./policies.ts";

/** What rules can open too widely. */
export interface Cluster {
	/** Networks of the pods. */
	pods: readonly Network[];
	/** Labels of each namespace of the stack, by its name. */
	namespaces: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/**
 * More than this part is everything: whoever leaves out a few addresses or ports has opened the rest. A range of the ports of
 * NodePorts or of connections that a kernel opens is smaller.
 */
const half = (size: bigint) => size / 2n;

const everyPort = 65_535n;
const everyAddress = { ipv4: 2n ** 32n, ipv6: 2n ** 128n } as const;

/**
 * @param own name of the namespace whose pods the rules are about
 * @returns the excess as an adjective of "Ingress" or "Egress"; nothing where there is none
 */
export function excessOf(rules: readonly Allowed[], cluster: Cluster, own?: string): string | undefined {
	const protocols = new Set(rules.flatMap(({ ports }) => ports.map(({ protocol }) => protocol)));
	const found = [...protocols].map((protocol) => excessAt(protocol, rules, cluster, own));
	return found.find((excess) => excess === "all") ?? found.find((excess) => excess !== undefined);
}

interface Opening {
	rule: Allowed;
	ports: Ports;
}

function excessAt(protocol: string, rules: readonly Allowed[], cluster: Cluster, own: string | undefined) {
	const open: Opening[] = rules.flatMap((rule) =>
		rule.ports.filter((ports) => ports.protocol === protocol).map((ports) => ({ rule, ports })),
	);
	if (sizeOf(open.map(({ ports }) => ports)) <= half(everyPort)) {
		return undefined;
	}
	const counts = { all: 0n, pods: 0n };
	for (const { size, at } of segmentsOf(open)) {
		const all = isEverybody(at);
		counts.all += all ? size : 0n;
		counts.pods += all || isEveryPod(at, cluster, own) ? size : 0n;
	}
	if (counts.all > half(everyPort)) {
		return "all";
	}
	return counts.pods > half(everyPort) ? "every pod's" : undefined;
}

/** The ports in pieces, each with the rules that allow all of it. */
function segmentsOf(open: readonly Opening[]): { size: bigint; at: Allowed[] }[] {
	const ends = open.flatMap(({ ports }) => [ports.first, ports.last + 1n]);
	const borders = [...new Set(ends)].sort((a, b) => (a < b ? -1 : 1));
	return borders.slice(0, -1).map((first, index) => {
		const next = borders[index + 1]!;
		const at = open.filter(({ ports }) => ports.first <= first && ports.last >= next - 1n).map(({ rule }) => rule);
		return { size: next - first, at };
	});
}

function isEverybody(rules: readonly Allowed[]): boolean {
	const blocks = rules.flatMap((rule) => rule.blocks);
	return (
		rules.some(({ peers }) => peers.length === 0) ||
		(["ipv4", "ipv6"] as const).some(
			(version) => sizeOf(blocks.filter((block) => block.version === version)) >= half(everyAddress[version]),
		)
	);
}

function isEveryPod(rules: readonly Allowed[], { pods, namespaces }: Cluster, own: string | undefined): boolean {
	const blocks = rules.flatMap((rule) => rule.blocks);
	if (pods.some((network) => sizeOf(within(blocks, network)) > half(sizeOf([network])))) {
		return true;
	}
	const peers = rules.flatMap((rule) => rule.peers).filter(isAboutAllPods);
	if (peers.some(({ namespaceSelector }) => selectsAllButSome(namespaceSelector!))) {
		return true;
	}
	const selected = new Set(
		peers.flatMap(({ namespaceSelector }) => selectedNamespaces(namespaceSelector!, namespaces)),
	);
	const others = [...namespaces.keys()].filter((name) => name !== own);
	return others.length > 1 && others.every((name) => selected.has(name));
}

function isAboutAllPods({ namespaceSelector, podSelector = {} }: Peer): boolean {
	return namespaceSelector !== undefined && selectsAllButSome(podSelector);
}

/** The parts of networks inside another one. */
function within(blocks: readonly Network[], { version, first, last }: Network): Network[] {
	return blocks
		.filter((block) => block.version === version && block.first <= last && block.last >= first)
		.map((block) => ({
			version,
			first: block.first > first ? block.first : first,
			last: block.last < last ? block.last : last,
		}));
}
