import { apiPort } from "../../../src/facts/network.ts";
import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { type Allowed, directionsOf, isNetworkPolicy, type Ports } from "../../lib/kubernetes/network/policies.ts";
import { type Kind, type Protected, protectedIn } from "../../lib/kubernetes/network/protected.ts";
import { declaredObjects, type KubernetesObject } from "../../lib/kubernetes/objects.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { networkPolicies } from "../../lib/rules/subjects.ts";

/** Open to the pods of any policy: the API authenticates each client, and RBAC decides. */
const open: readonly Opening[] = [{ kind: "control plane", ports: [apiPort] }];

/** Metrics: of kubelets, which authenticate, of MetalLB's speakers, and of etcd, whose port for metrics has nothing else. */
const scraped: readonly Opening[] = [
	{ kind: "control plane", ports: [10_250, 9120, 2381] },
	{ kind: "worker", ports: [10_250, 9120] },
];

interface Opening {
	kind: Kind;
	ports: readonly number[];
}

/** The policies that the program makes for scrapers: `scrapes` of a namespace, and the metrics server. */
const scrapers = /^NetworkPolicy (?:[^/]+\/allow-scraping|kube-system\/allow-kubelets)$/;

const advice: Readonly<Record<Kind, string>> = {
	"control plane": `allowed is TCP ${apiPort}, and ports of metrics in the policies that the program makes for scrapers`,
	worker: "allowed are ports of metrics, in the policies that the program makes for scrapers",
	Proxmox: "except the address",
	"link-local": "except the network, where a cloud gives out credentials",
	pod: "except the network, and name pods by selectors",
	Service: "except the network, and name the pods behind a Service by selectors",
};

const names: Readonly<Record<Kind, string>> = {
	"control plane": "control planes",
	worker: "workers",
	Proxmox: "Proxmox",
	"link-local": "link-local addresses",
	pod: "pods",
	Service: "Services",
};

/**
 * A pod that reaches SSH, etcd, a kubelet or the API of Proxmox is one weak password away from the whole cluster. No policy can
 * take back what another one allows, so each has to leave these addresses out. A network with the addresses of pods opens those of every
 * namespace; the program leaves the networks of pods and Services out of each wider one.
 */
export const kubernetesProtectedDestinations: StackRule = {
	name: "kubernetes-protected-destinations",
	description:
		"No pod reaches the nodes, Proxmox or link-local addresses, except the API and the ports of metrics, and no policy opens the network of pods or Services by addresses.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "12.2"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Leave the addresses out of `allowTo`. To open them on purpose, name them in its key `including`, and give this policy an exception for the NetworkPolicy, such as `NetworkPolicy app/allow-to-outside`.",
	url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	subject: networkPolicies,
	examples: [
		{
			change: "SSH to the nodes from a workload",
			apply: addResource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "app", {
				metadata: { name: "app", namespace: labNamespace },
				spec: {
					podSelector: {},
					policyTypes: ["Egress"],
					egress: [{ to: [{ ipBlock: { cidr: "10.25.20.7/32" } }], ports: [{ port: 22 }] }],
				},
			}),
			sentence:
				"NetworkPolicy monitoring/app opens workers (10.25.20.7) at TCP 22; allowed are ports of metrics, in the policies that the program makes for scrapers.",
		},
	],

	checkStack(resources, report) {
		const targets = protectedIn(resources);
		for (const { object, resource } of declaredObjects(resources)) {
			for (const [kind, reached] of isNetworkPolicy(object) ? reachedBy(object, targets) : []) {
				const addresses = [...new Set(reached.map(({ target }) => target.text))];
				const others = addresses.length > 1 ? ` and ${addresses.length - 1} others` : "";
				const ports = [...new Set(reached.map((one) => displayed(one.ports)))].join(", ");
				report(`${object.subject} opens ${names[kind]} (${addresses[0]}${others}) at ${ports}; ${advice[kind]}.`, {
					resource,
					subject: object.subject,
				});
			}
		}
	},
};

interface Reached {
	target: Protected;
	ports: Ports;
}

/** What the rules for outgoing traffic reach beyond the openings, by kind. */
function reachedBy(policy: KubernetesObject, targets: readonly Protected[]): Map<Kind, Reached[]> {
	const openings = scrapers.test(policy.subject) ? [...open, ...scraped] : open;
	const reached = (directionsOf(policy).get("Egress") ?? []).flatMap((rule) =>
		targets
			.filter((target) => isReached(rule, target))
			.flatMap((target) =>
				rule.ports.filter((ports) => !isOpen(target.kind, ports, openings)).map((ports) => ({ target, ports })),
			),
	);
	return Map.groupBy(reached, ({ target }) => target.kind);
}

/** A single address in a network of pods or Services is not the network, and a policy without peers is about everything. */
function isReached({ peers, blocks }: Allowed, { kind, network: { version, first, last } }: Protected): boolean {
	const isNetwork = kind === "pod" || kind === "Service";
	return (
		(peers.length === 0 && !isNetwork) ||
		blocks.some(
			(block) =>
				block.version === version &&
				block.first <= last &&
				block.last >= first &&
				!(isNetwork && block.first === block.last),
		)
	);
}

function isOpen(kind: Kind, { protocol, first, last }: Ports, openings: readonly Opening[]): boolean {
	return (
		protocol === "TCP" &&
		first === last &&
		openings.some((opening) => opening.kind === kind && opening.ports.includes(Number(first)))
	);
}

function displayed({ protocol, first, last }: Ports): string {
	return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
}
