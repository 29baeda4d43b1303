import { networkOf } from "../../../src/config/formats/networks.ts";
import { addOnEntries } from "../../../src/facts/add-ons.ts";
import { privateNetworks } from "../../../src/facts/special-networks.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { type Allowed, type Direction, directionsOf, isNetworkPolicy } from "../../lib/kubernetes/network/policies.ts";
import { type DeclaredObject, declaredObjects, type KubernetesObject } from "../../lib/kubernetes/objects.ts";
import { type ClusterAddresses, clusterAddresses } from "../../lib/rke2/cluster-addresses.ts";
import { canonical, differing } from "../../lib/rules/majority.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { networkPolicies } from "../../lib/rules/subjects.ts";

/** The machines that a policy is about. */
interface About {
	/** `<namespace>/<name>` of the policy. */
	policy: RegExp;
	direction: Direction;
	/** What its addresses have to be, for a sentence. */
	what: string;
	addresses(cluster: ClusterAddresses): readonly string[];
	/** Whether the programs on these machines may also call from the interface of the overlay. */
	overlay?: true;
}

const machinePolicies: readonly About[] = [
	{
		policy: /\/allow-api-server$/,
		direction: "Egress",
		what: "control plane",
		addresses: ({ controlPlanes }) => controlPlanes,
	},
	{
		policy: /^kube-system\/allow-kubelets$|\/allow-scraping$/,
		direction: "Egress",
		what: "node",
		addresses: ({ nodes }) => nodes,
	},
	{
		policy: /^kube-system\/allow-upstream-dns$/,
		direction: "Egress",
		what: "name server of the nodes",
		addresses: ({ nameServers }) => nameServers,
	},
	{
		policy: /\/allow-webhook$|^kube-system\/default-network-metrics-server-policy$/,
		direction: "Ingress",
		what: "control plane",
		addresses: ({ controlPlanes }) => controlPlanes,
		overlay: true,
	},
	{
		policy: /^kube-system\/default-network-dns-policy$/,
		direction: "Ingress",
		what: "node",
		addresses: ({ nodes }) => nodes,
		overlay: true,
	},
];

/** Policies that admit the programs which collect metrics. */
const forScrapers: ReadonlySet<string> = new Set([
	"allow-metrics",
	...addOnEntries.flatMap(([, { metrics }]) => metrics.map(({ policy }) => policy)),
]);

/** Size of the network that each node gets out of that of the pods; its interface in the overlay has the first address. */
const nodeNetwork = 256n;

const everything = networkOf("0.0.0.0/0")!;
const privates = privateNetworks.map((cidr) => ({ cidr, network: networkOf(cidr)! }));

/**
 * The record of known resources knows the form of an address in a policy. The program takes it from the nodes, from their name servers, or
 * from a list of scrapers that is the same in all policies (components/platform/network-policies). One more address there admits a stranger to
 * a webhook or to metrics, or lets pods and CoreDNS send data out of the lab.
 */
export const kubernetesPolicyPeers: StackRule = {
	name: "kubernetes-policy-peers",
	description:
		"Network policies for nodes name nodes of the stack only, those for metrics admit the same scrapers, and those for the internet leave out private networks.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "12.2"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Take the addresses from `nodes`, `network.nameservers` and `platform.scrapers`; open others by `allowTo` of a namespace.",
	url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	subject: networkPolicies,
	examples: [
		{
			change: "a name server elsewhere for CoreDNS",
			apply: editResource(
				"kubernetes:networking.k8s.io/v1:NetworkPolicy",
				"kube-system-allow-upstream-dns",
				withPeer("203.0.113.9/32"),
			),
			sentence:
				"NetworkPolicy kube-system/allow-upstream-dns names 203.0.113.9/32, which is no name server of the nodes; remove it.",
		},
	],

	checkStack(resources, report) {
		const policies = declaredObjects(resources).filter(({ object }) => isNetworkPolicy(object));
		const say = (message: string, { object: { subject }, resource }: DeclaredObject) =>
			report(message, { resource, subject });
		const cluster = clusterAddresses(resources);
		for (const policy of cluster ? policies : []) {
			for (const message of [...foreignMachines(policy.object, cluster!), ...openNetworks(policy.object, cluster!)]) {
				say(message, policy);
			}
		}
		const metrics = policies.filter(({ object }) => forScrapers.has(object.metadata.name ?? ""));
		for (const policy of differing(metrics, ({ object }) => scrapersOf(object))) {
			say(
				`${policy.object.subject} admits other scrapers than most policies for metrics; platform.scrapers and scrapes hold for all.`,
				policy,
			);
		}
	},
};

function withPeer(cidr: string) {
	return (props: Record<string, unknown>) => {
		const { egress, ...others } = props.spec as { egress: { to: object[]; ports: object[] }[] };
		const [first, ...rest] = egress;
		return {
			...props,
			spec: { ...others, egress: [{ ...first, to: [...first!.to, { ipBlock: { cidr } }] }, ...rest] },
		};
	};
}

function foreignMachines(policy: KubernetesObject, cluster: ClusterAddresses): string[] {
	const { namespace, name } = policy.metadata;
	const about = machinePolicies.filter((one) => one.policy.test(`${namespace}/${name}`));
	return about.flatMap(({ direction, what, addresses, overlay }) => {
		const wanted = new Set(addresses(cluster).map((address) => `${address}/32`));
		const named = (directionsOf(policy).get(direction) ?? []).flatMap(({ peers }) =>
			peers.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []),
		);
		const others = named.filter((cidr) => !wanted.has(cidr) && !(overlay && isOverlay(cidr, cluster)));
		return others.length === 0 ? [] : [`${policy.subject} names ${others.join(", ")}, which is no ${what}; remove it.`];
	});
}

function isOverlay(cidr: string, { pods }: ClusterAddresses): boolean {
	const network = networkOf(cidr);
	return (
		network !== undefined &&
		network.first === network.last &&
		pods.some(
			({ version, first, last }) =>
				version === network.version &&
				first <= network.first &&
				network.last <= last &&
				(network.first - first) % nodeNetwork === 0n,
		)
	);
}

/** A destination of all addresses is the internet, or a proxy with a name, which may be in a private network. */
function openNetworks(policy: KubernetesObject, { namedProxyPorts }: ClusterAddresses): string[] {
	return (directionsOf(policy).get("Egress") ?? []).flatMap((rule) => {
		const open = isEverything(rule) && !isProxy(rule, namedProxyPorts) ? privates.filter(isIn(rule)) : [];
		return open.length === 0
			? []
			: [`${policy.subject} opens ${open.map(({ cidr }) => cidr).join(", ")} with all addresses; except it.`];
	});
}

function isEverything({ peers }: Allowed): boolean {
	return peers.some(({ ipBlock }) => {
		const network = networkOf(ipBlock?.cidr ?? "");
		return network?.version === "ipv4" && network.first === everything.first && network.last === everything.last;
	});
}

function isProxy({ ports }: Allowed, proxies: readonly number[]): boolean {
	return ports.every(({ first, last }) => first === last && proxies.includes(Number(first)));
}

function isIn({ blocks }: Allowed) {
	return ({ network: { version, first, last } }: (typeof privates)[number]) =>
		blocks.some((block) => block.version === version && block.first <= last && block.last >= first);
}

/** In one order. */
function scrapersOf(policy: KubernetesObject): string {
	const peers = (directionsOf(policy).get("Ingress") ?? []).flatMap((rule) => rule.peers);
	return peers
		.map((peer) => canonical(peer))
		.sort()
		.join(" ");
}
