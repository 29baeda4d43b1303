import { describe, expect, test } from "vitest";
import {
	certManagerPolicies,
	gpuOperatorPolicies,
	metallbPolicies,
	traefikPolicies,
	workloadPolicies,
} from "../../components/platform/network-policies.ts";
import type { NetworkPort } from "../../components/platform/network-rules.ts";
import { authority } from "../fixtures/certificates.ts";
import { type LabStack, labStack } from "../fixtures/lab.ts";
import { allowed, type Endpoint } from "./network-policies-evaluator.ts";

const stack = labStack({
	platform: {
		namespaces: {
			"observatory-core": {
				// Its own pods among themselves, and whoever feeds it.
				allowFrom: [
					{ namespace: "observatory-core", ports: [7946] },
					{ namespace: "data-pipeline", ports: [9000, 9001] },
					{ namespace: "data-pipeline", ports: [514], protocol: "UDP" },
				],
				metricsPorts: [9187],
				ingress: { ports: [8080] },
			},
			"data-pipeline": {
				allowTo: [
					{ cidr: "10.25.20.14/32", ports: [5432] },
					{ cidr: "0.0.0.0/0", ports: [443] },
				],
			},
		},
	},
});

function policiesOf(config: LabStack) {
	return {
		traefik: traefikPolicies(config),
		"cert-manager": certManagerPolicies(config),
		"metallb-system": metallbPolicies(config),
		"gpu-operator": gpuOperatorPolicies(config, config.platform.gpuOperator),
		...Object.fromEntries(
			Object.keys(config.platform.namespaces).map((name) => [name, workloadPolicies(config, name)]),
		),
	};
}

/** Labels are those of the charts' pods, without the ones that carry a version. */
const endpoints = {
	traefik: {
		address: "10.42.3.7",
		namespace: "traefik",
		labels: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik" },
	},
	intruder: { address: "10.42.3.8", namespace: "traefik", labels: {} },
	certManager: {
		address: "10.42.3.9",
		namespace: "cert-manager",
		labels: certManagerLabels("cert-manager", "controller"),
	},
	certManagerCheck: {
		address: "10.42.3.10",
		namespace: "cert-manager",
		labels: certManagerLabels("startupapicheck"),
	},
	certManagerWebhook: { address: "10.42.3.11", namespace: "cert-manager", labels: certManagerLabels("webhook") },
	certManagerInjector: { address: "10.42.3.12", namespace: "cert-manager", labels: certManagerLabels("cainjector") },
	metallb: {
		address: "10.42.4.2",
		namespace: "metallb-system",
		labels: {
			"app.kubernetes.io/name": "metallb",
			"app.kubernetes.io/instance": "metallb",
			"app.kubernetes.io/component": "controller",
		},
	},
	gpuOperator: {
		address: "10.42.4.3",
		namespace: "gpu-operator",
		labels: { app: "gpu-operator", "app.kubernetes.io/component": "gpu-operator" },
	},
	// The hooks before an upgrade and before a removal.
	gpuOperatorHook: {
		address: "10.42.4.5",
		namespace: "gpu-operator",
		labels: { "app.kubernetes.io/name": "gpu-operator", "app.kubernetes.io/component": "gpu-operator" },
	},
	gpuFinder: {
		address: "10.42.4.6",
		namespace: "gpu-operator",
		labels: { "app.kubernetes.io/name": "node-feature-discovery", role: "worker" },
	},
	// Made by the operator, as everything below that has to do with cards.
	gpuDriver: {
		address: "10.42.6.2",
		namespace: "gpu-operator",
		labels: { app: "nvidia-driver-daemonset", "app.kubernetes.io/component": "nvidia-driver" },
	},
	gpuValidator: {
		address: "10.42.6.3",
		namespace: "gpu-operator",
		labels: { app: "nvidia-operator-validator", "app.kubernetes.io/part-of": "gpu-operator" },
	},
	gpuExporter: { address: "10.42.6.4", namespace: "gpu-operator", labels: { app: "nvidia-dcgm-exporter" } },
	openwebui: { address: "10.42.5.2", namespace: "openwebui", labels: { app: "openwebui" } },
	ollama: { address: "10.42.5.3", namespace: "ollama", labels: { app: "ollama" } },
	observatory: { address: "10.42.5.4", namespace: "observatory-core", labels: { app: "observatory" } },
	otherObservatory: { address: "10.42.4.4", namespace: "observatory-core", labels: { app: "archive" } },
	pipeline: { address: "10.42.5.5", namespace: "data-pipeline", labels: { app: "airflow" } },
	database: { address: "10.25.20.14" },
	proxy: { address: "10.25.10.9" },
	dns: { address: "10.42.0.5", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
	metricsServer: { address: "10.42.0.6", namespace: "kube-system", labels: { "k8s-app": "metrics-server" } },
	// In a namespace without policies: its own end refuses nothing.
	stranger: { address: "10.42.5.9", namespace: "default", labels: {} },
	controlPlane: { address: "10.25.20.5" },
	worker: { address: "10.25.20.8" },
	// The API server's traffic to a pod on another node: wherever its own node's network begins.
	overlay: { address: "10.42.1.0" },
	lastOverlay: { address: "10.42.255.0" },
	visitor: { address: "203.0.113.9" },
	prometheus: { address: "10.25.10.13" },
	resolver: { address: "1.1.1.1" },
	otherResolver: { address: "9.9.9.9" },
	internet: { address: "104.16.132.229" },
} satisfies Record<string, Endpoint>;

function certManagerLabels(name: string, component = name): Record<string, string> {
	return {
		app: name,
		"app.kubernetes.io/name": name,
		"app.kubernetes.io/instance": "cert-manager",
		"app.kubernetes.io/component": component,
	};
}

type Name = keyof typeof endpoints;
type Connection = [from: Name, to: Name, port: number, protocol?: NetworkPort["protocol"]];

function connects([from, to, port, protocol = "TCP"]: Connection, config = stack): boolean {
	return allowed(policiesOf(config), endpoints[from], endpoints[to], { protocol, port });
}

describe("must talk", () => {
	test.each<Connection>([
		["traefik", "dns", 53, "UDP"],
		["ollama", "dns", 53, "TCP"],
		["certManagerCheck", "dns", 53, "UDP"],
		["traefik", "controlPlane", 6443],
		["certManager", "controlPlane", 6443],
		["certManagerCheck", "controlPlane", 6443],
		["certManagerInjector", "controlPlane", 6443],
		["metallb", "controlPlane", 6443],
		["gpuOperator", "controlPlane", 6443],
		["gpuOperatorHook", "controlPlane", 6443],
		["gpuFinder", "controlPlane", 6443],
		["gpuDriver", "controlPlane", 6443],
		["gpuValidator", "controlPlane", 6443],
		["controlPlane", "certManagerWebhook", 10250],
		["overlay", "certManagerWebhook", 10250],
		["lastOverlay", "certManagerWebhook", 10250],
		["controlPlane", "metallb", 9443],
		["overlay", "metallb", 9443],
		["visitor", "traefik", 8000],
		["visitor", "traefik", 8443],
		["prometheus", "traefik", 9111],
		["prometheus", "observatory", 9187],
		["prometheus", "certManager", 9402],
		["prometheus", "metallb", 9120],
		["prometheus", "gpuExporter", 9400],
		["traefik", "openwebui", 3000],
		["traefik", "observatory", 8080],
		["openwebui", "ollama", 11434],
		["observatory", "otherObservatory", 7946],
		["pipeline", "observatory", 9000],
		["pipeline", "observatory", 9001],
		["pipeline", "observatory", 514, "UDP"],
		["pipeline", "database", 5432],
		["pipeline", "internet", 443],
		["certManager", "internet", 443],
		["certManager", "resolver", 53, "UDP"],
		["certManager", "resolver", 53, "TCP"],
		["gpuDriver", "internet", 80],
		["gpuDriver", "internet", 443],
	])("%s -> %s:%i %s", (...connection) => {
		expect(connects(connection)).toBe(true);
	});
});

describe("must not talk", () => {
	test.each<Connection>([
		["ollama", "openwebui", 3000],
		["openwebui", "ollama", 22],
		["observatory", "ollama", 11434],
		["observatory", "otherObservatory", 9000],
		["observatory", "pipeline", 9000],
		["pipeline", "observatory", 514],
		["pipeline", "observatory", 9187],
		["pipeline", "database", 22],
		["pipeline", "stranger", 443],
		["pipeline", "openwebui", 443],
		["ollama", "database", 5432],
		["visitor", "observatory", 9187],
		["visitor", "traefik", 9111],
		["worker", "traefik", 9111],
		["prometheus", "observatory", 9000],
		["prometheus", "ollama", 9187],
		["ollama", "controlPlane", 6443],
		["ollama", "internet", 443],
		["ollama", "otherResolver", 53, "UDP"],
		["ollama", "metricsServer", 53],
		["ollama", "certManagerWebhook", 10250],
		["ollama", "metallb", 9443],
		["ollama", "traefik", 9111],
		["stranger", "certManagerWebhook", 10250],
		["stranger", "metallb", 9443],
		["stranger", "traefik", 9111],
		["stranger", "openwebui", 3000],
		["stranger", "ollama", 11434],
		["worker", "certManagerWebhook", 10250],
		["visitor", "certManagerWebhook", 10250],
		["controlPlane", "certManager", 10250],
		["overlay", "gpuOperator", 8080],
		["visitor", "traefik", 8080],
		["visitor", "openwebui", 3000],
		["traefik", "ollama", 11434],
		["traefik", "observatory", 9187],
		["intruder", "openwebui", 3000],
		["traefik", "internet", 443],
		["traefik", "worker", 10250],
		["traefik", "controlPlane", 9345],
		["certManager", "stranger", 443],
		["gpuDriver", "stranger", 443],
		["ollama", "stranger", 443],
		["traefik", "stranger", 443],
		["certManager", "otherResolver", 53, "UDP"],
		["certManager", "internet", 80],
		["certManagerWebhook", "internet", 443],
		["certManagerInjector", "internet", 443],
		["certManagerCheck", "internet", 443],
		["controlPlane", "certManagerInjector", 9402],
		["controlPlane", "metallb", 9120],
		["gpuOperator", "internet", 443],
		["gpuFinder", "internet", 443],
		["gpuValidator", "internet", 443],
		["overlay", "gpuFinder", 8080],
		["prometheus", "certManagerWebhook", 9402],
		["prometheus", "certManager", 9403],
		["prometheus", "metallb", 9443],
		["prometheus", "gpuValidator", 9400],
		["prometheus", "gpuOperator", 8080],
		["stranger", "certManager", 9402],
		["stranger", "metallb", 9120],
		["stranger", "gpuExporter", 9400],
		["worker", "gpuExporter", 9400],
		["certManager", "proxy", 3128],
		["gpuDriver", "proxy", 3128],
	])("%s -> %s:%i %s", (...connection) => {
		expect(connects(connection)).toBe(false);
	});
});

test("each end alone keeps Traefik to the ports that a namespace opens to it", () => {
	const both = policiesOf(stack);
	const ends = [
		{ ...both, traefik: [] },
		{ ...both, "observatory-core": [] },
	];
	for (const policies of ends) {
		const reaches = (port: number) =>
			allowed(policies, endpoints.traefik, endpoints.observatory, { protocol: "TCP", port });
		expect([8080, 9000].map(reaches)).toEqual([true, false]);
	}
});

test("a workload lets in Traefik's pods, not whatever else may run beside them", () => {
	const policies = { ...policiesOf(stack), traefik: [] };
	const port = { protocol: "TCP", port: 3000 } as const;
	expect(allowed(policies, endpoints.traefik, endpoints.openwebui, port)).toBe(true);
	expect(allowed(policies, endpoints.intruder, endpoints.openwebui, port)).toBe(false);
});

test("without a scraper no metrics port is open to anybody", () => {
	const config = structuredClone(stack);
	config.platform.scrapers = [];
	expect(connects(["prometheus", "traefik", 9111], config)).toBe(false);
	expect(connects(["prometheus", "observatory", 9187], config)).toBe(false);
	expect(connects(["prometheus", "certManager", 9402], config)).toBe(false);
	expect(connects(["prometheus", "metallb", 9120], config)).toBe(false);
	expect(connects(["prometheus", "gpuExporter", 9400], config)).toBe(false);
});

test("a driver that the hosts have fetches nothing", () => {
	const config = structuredClone(stack);
	config.platform.gpuOperator.driver = "host";
	expect(connects(["gpuDriver", "internet", 443], config)).toBe(false);
	expect(connects(["gpuExporter", "controlPlane", 6443], config)).toBe(true);
});

describe("a proxy on the way out", () => {
	const behind = (url: string) => labStack({ cluster: { proxy: { url } } });

	test("is reached at its address and port by what fetches from outside, and by nothing else", () => {
		const config = behind("http://10.25.10.9:3128");
		expect(connects(["certManager", "proxy", 3128], config)).toBe(true);
		expect(connects(["gpuDriver", "proxy", 3128], config)).toBe(true);
		expect(connects(["certManagerInjector", "proxy", 3128], config)).toBe(false);
		expect(connects(["gpuValidator", "proxy", 3128], config)).toBe(false);
		expect(connects(["ollama", "proxy", 3128], config)).toBe(false);
		expect(connects(["certManager", "internet", 3128], config)).toBe(false);
		// What is among its exceptions.
		expect(connects(["certManager", "internet", 443], config)).toBe(true);
	});

	test("known by its name is any address outside the pods, on its port", () => {
		const config = behind("https://proxy.lab.internal");
		expect(connects(["gpuDriver", "internet", 443], config)).toBe(true);
		const plain = behind("http://proxy.lab.internal:3128");
		expect(connects(["gpuDriver", "proxy", 3128], plain)).toBe(true);
		expect(connects(["gpuDriver", "stranger", 3128], plain)).toBe(false);
	});
});

test("a certificate authority on a port of its own is reached there", () => {
	const config = structuredClone(stack);
	config.platform.certManager.acmeServer = "https://ca.lab.internal:14000/directory";
	expect(connects(["certManager", "internet", 14000], config)).toBe(true);
	expect(connects(["certManager", "internet", 443], config)).toBe(true);
});

test("an authority of one's own asks nobody outside", () => {
	const config = labStack({ platform: { certManager: { ownAuthority: authority, email: null } } });
	expect(connects(["certManager", "internet", 443], config)).toBe(false);
	expect(connects(["certManager", "otherResolver", 53, "UDP"], config)).toBe(false);
	expect(connects(["certManager", "controlPlane", 6443], config)).toBe(true);
});

test("a server that takes updates of the zone is reached at its port, and where acme-dns is as well", () => {
	const server = { address: "10.25.10.53" };
	const reaches = (dns01: object, port: NetworkPort) =>
		allowed(
			policiesOf(labStack({ platform: { certManager: { dns01 } } })),
			endpoints.certManager,
			port.port === 5353 ? server : endpoints.internet,
			port,
		);
	const updates = { rfc2136: { nameserver: "10.25.10.53:5353", tsigKeyName: "lab" } };
	expect(reaches(updates, { protocol: "UDP", port: 5353 })).toBe(true);
	expect(reaches(updates, { protocol: "TCP", port: 5353 })).toBe(true);
	expect(reaches({ cloudflare: {} }, { protocol: "UDP", port: 5353 })).toBe(false);
	const acmeDns = { acmeDNS: { host: "https://auth.lab.internal:8443" } };
	expect(reaches(acmeDns, { protocol: "TCP", port: 8443 })).toBe(true);
	expect(reaches({ cloudflare: {} }, { protocol: "TCP", port: 8443 })).toBe(false);
});

test("challenges are looked up with the resolvers of the stack file and no other", () => {
	const config = structuredClone(stack);
	config.platform.certManager.recursiveNameservers = ["9.9.9.9"];
	expect(connects(["certManager", "otherResolver", 53, "UDP"], config)).toBe(true);
	expect(connects(["certManager", "resolver", 53, "UDP"], config)).toBe(false);
});

test("a control plane that has moved is still reached, and its old address no longer", () => {
	const config = structuredClone(stack);
	config.nodes["proj-k8sm02"]!.address = "10.25.20.50";
	expect(connects(["traefik", "controlPlane", 6443], config)).toBe(false);
	expect(
		allowed(policiesOf(config), endpoints.traefik, { address: "10.25.20.50" }, { protocol: "TCP", port: 6443 }),
	).toBe(true);
});

test("with no namespace open to ingress, Traefik reaches no backend at all", () => {
	const config = structuredClone(stack);
	for (const namespace of Object.values(config.platform.namespaces)) {
		namespace.ingress = false;
	}
	expect(connects(["traefik", "openwebui", 3000], config)).toBe(false);
});

test("the overlay's addresses follow the pod network, one for every node network in it", () => {
	const config = structuredClone(stack);
	config.cluster.podCidr = "172.20.240.0/20";
	const webhook = certManagerPolicies(config).find(({ name }) => name === "allow-webhook");
	const sources = webhook?.spec.ingress?.[0]?.from?.map(({ ipBlock }) => ipBlock?.cidr) ?? [];
	expect(sources.slice(0, 4)).toEqual(["10.25.20.4/32", "10.25.20.5/32", "10.25.20.6/32", "172.20.240.0/32"]);
	expect(sources.at(-1)).toBe("172.20.255.0/32");
	expect(sources).toHaveLength(3 + 16);
});
