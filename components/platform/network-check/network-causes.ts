/** Explains the reports of the network check's pods, in a sentence with the likely cause. */

/** One pod of the check. */
export interface CheckPod {
	/** Its number in the Job. */
	index: number;
	/** Undefined while the pod is not scheduled. */
	node?: string | undefined;
	/** Report of reach.sh when it failed, else empty. */
	report: string;
	/** Why its container waits, such as `ImagePullBackOff`. */
	waiting?: string | undefined;
}

export interface Network {
	/** Every node of the stack. */
	nodes: string[];
	backend: "vxlan" | "wireguard";
	image: string;
}

/** Nodes or pairs that a sentence names at most. */
const longestList = 5;

/** UDP ports of flannel's backends: https://docs.rke2.io/install/requirements#networking */
const overlayPort = { vxlan: 8472, wireguard: 51_820 };

/** @returns nothing if no pod reports a failure */
export function explainNetwork(pods: CheckPod[], network: Network): string | undefined {
	const sentences = [unscheduled(pods, network), unpulled(pods, network), unresolved(pods), unreached(pods, network)];
	const found = sentences.filter((sentence) => sentence !== undefined);
	return found.length === 0 ? undefined : found.join("\n");
}

function unscheduled(pods: CheckPod[], { nodes }: Network): string | undefined {
	const without = nodes.filter((name) => !pods.some(({ node }) => node === name));
	return without.length === 0
		? undefined
		: `The network check has no pod on ${list(without)}: the node is cordoned, not ready or full. \`kubectl get nodes\` shows which.`;
}

function unpulled(pods: CheckPod[], { image }: Network): string | undefined {
	const waiting = pods.filter(({ waiting }) => waiting && waiting !== "ContainerCreating");
	return waiting.length === 0
		? undefined
		: `The network check does not start on ${list(nodesOf(waiting))} (${waiting[0]!.waiting}): ${image} has to come from its registry, or from the mirror in cluster.registries.mirrors. platform.checks.image names another.`;
}

function unresolved(pods: CheckPod[]): string | undefined {
	const affected = pods.filter(({ report }) => reported(report, "unresolved").length > 0);
	return affected.length === 0
		? undefined
		: `Pods on ${list(nodesOf(affected))} do not resolve names of the cluster: CoreDNS does not answer them. \`kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide\` shows where it runs; where only its own nodes resolve, the network between nodes is at fault.`;
}

function unreached(pods: CheckPod[], { backend }: Network): string | undefined {
	const pairs = pods.flatMap((pod) => pairsOf(pod, pods));
	if (pairs.length === 0) {
		return undefined;
	}
	const listed = pairs.slice(0, longestList).map(([from, to]) => `from ${from} to ${to}`);
	const more = pairs.length > longestList ? ` and ${pairs.length - longestList} more` : "";
	const common = [...new Set(pairs.flat())].filter((node) => pairs.every((pair) => pair.includes(node)));
	const where = pairs.length > 1 && common.length === 1 ? ` Every failure involves ${common[0]}.` : "";
	return (
		`Pods of different nodes do not reach each other: ${listed.join(", ")}${more}.${where} Likely causes: ` +
		"a network interface that computes the checksums of encapsulated packets wrongly (cluster.canal.checksumOffload must be false), " +
		`a firewall, VLAN or Proxmox bridge that drops UDP port ${overlayPort[backend]} between the nodes, ` +
		"or an MTU that the network does not carry (cluster.canal.mtu, network.mtu)."
	);
}

/** Source and destination of each failure, by node. A Service may lead to any pod. */
function pairsOf({ node, report }: CheckPod, pods: CheckPod[]): [string, string][] {
	return reported(report, "unreached").map((word) => [
		String(node),
		word === "service"
			? "the Service of all pods"
			: String(pods.find(({ index }) => String(index) === word)?.node ?? word),
	]);
}

function reported(report: string, what: "unreached" | "unresolved"): string[] {
	const line = report.split("\n").find((line) => line.startsWith(`${what} `));
	return line === undefined ? [] : line.trim().split(/\s+/).slice(1);
}

function nodesOf(pods: CheckPod[]): string[] {
	return [...new Set(pods.map(({ node }) => String(node)))].sort();
}

function list(names: string[]): string {
	const more = names.length > longestList ? ` and ${names.length - longestList} more` : "";
	return `${names.slice(0, longestList).join(", ")}${more}`;
}
