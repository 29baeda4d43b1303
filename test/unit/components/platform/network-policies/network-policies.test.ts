import { describe, expect, test } from "vitest";
import { certManagerPolicies } from "../../../../../components/platform/cert-manager/network-policies.ts";
import type { NetworkPort } from "../../../../../components/platform/network-policies/network-policy.ts";
import { workloadPolicies } from "../../../../../components/platform/network-policies/workload-policies.ts";
import { allowed } from "../../../../../review/compare/connections.ts";
import { authority } from "../../../../fixtures/certificates.ts";
import { labStack } from "../../../../fixtures/lab.ts";
import { endpoints, policiesOf } from "./network-lab.ts";

const stack = labStack({
	platform: {
		namespaces: {
			"observatory-core": {
				// Its own pods, and the namespace that sends it data.
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
					{ cidr: "internet", ports: [443] },
					{ cidr: "160.0.0.0/4", ports: [443] },
				],
			},
		},
	},
});

type Name = keyof typeof endpoints;
type Connection = [from: Name, to: Name, port: number, protocol?: NetworkPort["protocol"]];

function connects([from, to, port, protocol = "TCP"]: Connection, config = stack): boolean {
	return allowed(policiesOf(config), endpoints[from], endpoints[to], { protocol, port });
}

describe("connections that have to work", () => {
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
		["nodeFeatures", "controlPlane", 6443],
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
		["prometheus", "certManagerWebhook", 9402],
		["prometheus", "certManagerInjector", 9402],
		["prometheus", "gpuOperator", 8080],
		["prometheus", "nodeFeatures", 8080],
		["traefik", "openwebui", 8080],
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
		["dns", "nameserver", 53, "UDP"],
		["dns", "nameserver", 53, "TCP"],
		["dns", "controlPlane", 6443],
		["dnsAutoscaler", "controlPlane", 6443],
		["snapshotController", "controlPlane", 6443],
		["helmInstall", "controlPlane", 6443],
		["metricsServer", "controlPlane", 6443],
		["metricsServer", "worker", 10250],
		["metricsServer", "controlPlane", 10250],
		["controlPlane", "metricsServer", 10250],
		["overlay", "metricsServer", 10250],
		["worker", "dns", 53, "UDP"],
		["lastOverlay", "dns", 53, "TCP"],
		["podByHand", "dns", 53, "UDP"],
	])("%s -> %s:%i %s", (...connection) => {
		expect(connects(connection)).toBe(true);
	});
});

describe("connections that must not work", () => {
	test.each<Connection>([
		["ollama", "openwebui", 3000],
		["openwebui", "ollama", 22],
		["observatory", "ollama", 11434],
		["observatory", "otherObservatory", 9000],
		["observatory", "pipeline", 9000],
		["pipeline", "observatory", 514],
		["pipeline", "observatory", 9187],
		["pipeline", "database", 22],
		["pipeline", "podByHand", 443],
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
		["podByHand", "certManagerWebhook", 10250],
		["podByHand", "metallb", 9443],
		["podByHand", "traefik", 9111],
		["podByHand", "openwebui", 3000],
		["podByHand", "ollama", 11434],
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
		["certManager", "podByHand", 443],
		["gpuDriver", "podByHand", 443],
		["ollama", "podByHand", 443],
		["traefik", "podByHand", 443],
		["certManager", "otherResolver", 53, "UDP"],
		["certManager", "internet", 80],
		["certManagerWebhook", "internet", 443],
		["certManagerInjector", "internet", 443],
		["certManagerCheck", "internet", 443],
		["controlPlane", "certManagerInjector", 9402],
		["controlPlane", "metallb", 9120],
		["gpuOperator", "internet", 443],
		["nodeFeatures", "internet", 443],
		["gpuValidator", "internet", 443],
		["overlay", "nodeFeatures", 8080],
		["prometheus", "certManagerWebhook", 10250],
		["prometheus", "certManager", 9403],
		["prometheus", "metallb", 9443],
		["prometheus", "gpuValidator", 9400],
		["prometheus", "gpuOperatorHook", 8080],
		["podByHand", "certManager", 9402],
		["podByHand", "metallb", 9120],
		["podByHand", "gpuExporter", 9400],
		["worker", "gpuExporter", 9400],
		["certManager", "proxy", 3128],
		["gpuDriver", "proxy", 3128],
		["traefik", "openwebui", 22],
		["traefik", "openwebui", 9090],
		["traefik", "openwebui", 5432],
		...(["certManager", "gpuDriver"] as const).flatMap((from) =>
			(["controlPlane", "worker", "neighbour", "office", "proxmox", "metadata", "podByHand"] as const).map(
				(to): Connection => [from, to, 443],
			),
		),
		["gpuDriver", "worker", 80],
		["pipeline", "metadata", 443],
		["dns", "internet", 443],
		["dns", "internet", 53, "UDP"],
		["dns", "otherResolver", 53, "TCP"],
		["dns", "nameserver", 22],
		["dns", "worker", 10250],
		["dns", "ollama", 11434],
		["dnsAutoscaler", "nameserver", 53, "UDP"],
		["metricsServer", "internet", 443],
		["metricsServer", "worker", 22],
		["snapshotController", "internet", 443],
		["snapshotController", "worker", 10250],
		["helmInstall", "internet", 443],
		["visitor", "dns", 53, "UDP"],
		["neighbour", "dns", 53, "UDP"],
		["ollama", "metricsServer", 10250],
		["podByHand", "metricsServer", 10250],
		["worker", "metricsServer", 10250],
		["visitor", "metricsServer", 10250],
		["podInDefault", "internet", 443],
		["podInDefault", "controlPlane", 6443],
		["podInDefault", "dns", 53, "UDP"],
		["monitoring", "worker", 10250],
		["monitoring", "dns", 9153],
	])("%s -> %s:%i %s", (...connection) => {
		expect(connects(connection)).toBe(false);
	});
});

test("each end alone restricts Traefik to the ports that a namespace opens", () => {
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

test("Traefik reaches the usual ports of web servers when a namespace names no port", () => {
	const config = labStack({ platform: { namespaces: { openwebui: { ingress: true } } } });
	const open = [80, 443, 3000, 8000, 8080, 8443];
	expect([...open, 22, 5432, 9090].filter((port) => connects(["traefik", "openwebui", port], config))).toEqual(open);
});

test("a workload admits Traefik's pods, and no other pod in their namespace", () => {
	const policies = { ...policiesOf(stack), traefik: [] };
	const port = { protocol: "TCP", port: 8080 } as const;
	expect(allowed(policies, endpoints.traefik, endpoints.openwebui, port)).toBe(true);
	expect(allowed(policies, endpoints.intruder, endpoints.openwebui, port)).toBe(false);
});

describe("a namespace that scrapes", () => {
	const scraping = labStack({
		cluster: { etcdMetrics: true },
		platform: { scrapers: [], namespaces: { monitoring: { scrapes: true }, ollama: { metricsPorts: [9100] } } },
	});

	test.each<Connection>([
		["monitoring", "controlPlane", 6443],
		["monitoring", "worker", 10250],
		["monitoring", "worker", 9120],
		["monitoring", "controlPlane", 2381],
		["monitoring", "dns", 9153],
		["monitoring", "traefik", 9111],
		["monitoring", "certManager", 9402],
		["monitoring", "certManagerInjector", 9402],
		["monitoring", "certManagerWebhook", 9402],
		["monitoring", "metallb", 9120],
		["monitoring", "gpuOperator", 8080],
		["monitoring", "nodeFeatures", 8080],
		["monitoring", "gpuExporter", 9400],
		["monitoring", "ollama", 9100],
	])("%s -> %s:%i", (...connection) => {
		expect(connects(connection, scraping)).toBe(true);
		expect(connects(connection)).toBe(false);
	});

	test("reaches nothing else, and no other namespace scrapes", () => {
		expect(connects(["monitoring", "ollama", 11434], scraping)).toBe(false);
		expect(connects(["monitoring", "certManagerWebhook", 10250], scraping)).toBe(false);
		expect(connects(["monitoring", "worker", 22], scraping)).toBe(false);
		expect(connects(["monitoring", "internet", 443], scraping)).toBe(false);
		expect(connects(["openwebui", "ollama", 9100], scraping)).toBe(false);
		expect(connects(["openwebui", "dns", 9153], scraping)).toBe(false);
		expect(connects(["prometheus", "ollama", 9100], scraping)).toBe(false);
	});
});

test("a namespace reaches the API, or the internet without private networks, when the stack file says so", () => {
	const config = labStack({
		platform: {
			namespaces: { ollama: { allowTo: [{ cidr: "internet", ports: [443] }] }, openwebui: { apiServer: true } },
		},
	});
	expect(connects(["ollama", "internet", 443], config)).toBe(true);
	for (const to of ["controlPlane", "worker", "database", "office", "proxmox", "metadata", "podByHand"] as const) {
		expect(connects(["ollama", to, 443], config), to).toBe(false);
	}
	expect(connects(["openwebui", "controlPlane", 6443], config)).toBe(true);
	expect(connects(["openwebui", "worker", 6443], config)).toBe(false);
	expect(connects(["ollama", "controlPlane", 6443], config)).toBe(false);
});

test("a network leaves out the nodes, the API and Proxmox, unless the stack file includes them on purpose", () => {
	const opened = (including: string[]) =>
		labStack({ platform: { namespaces: { ollama: { allowTo: [{ cidr: "10.0.0.0/8", ports: [443], including }] } } } });
	const closed = opened([]);
	expect(connects(["ollama", "database", 443], closed)).toBe(true);
	for (const to of ["controlPlane", "worker", "proxmox", "podByHand"] as const) {
		expect(connects(["ollama", to, 443], closed), to).toBe(false);
	}
	expect(connects(["ollama", "worker", 443], opened(["nodes"]))).toBe(true);
	expect(connects(["ollama", "proxmox", 443], opened(["nodes"]))).toBe(false);
	expect(connects(["ollama", "proxmox", 443], opened(["proxmox"]))).toBe(true);
	const policies = workloadPolicies(closed, "ollama");
	const block = policies.find(({ name }) => name === "allow-to-outside")?.spec.egress?.[0]?.to?.[0]?.ipBlock;
	expect(block?.except).toContain("10.25.20.29/32");
});

test("the internet leaves out public addresses of the cluster itself", () => {
	const config = structuredClone(stack);
	config.proxmox.endpoint = "https://198.51.100.7/";
	config.cluster.podCidr = "203.0.112.0/20";
	config.cluster.serviceCidr = "198.51.101.0/24";
	const to = certManagerPolicies(config).find(({ name }) => name === "allow-acme")?.spec.egress?.[0]?.to;
	expect(to?.[0]?.ipBlock?.except).toEqual(
		expect.arrayContaining(["198.51.100.7/32", "203.0.112.0/20", "198.51.101.0/24", "169.254.0.0/16"]),
	);
});

test("an authority and a mirror in a private network are reached when the stack file names them", () => {
	const config = labStack({
		platform: {
			certManager: {
				acmeServer: "https://10.25.20.77:14000/directory",
				stagingAcmeServer: "https://ca.lab.internal/directory",
				allowTo: [{ cidr: "192.168.7.7/32", ports: [443] }],
			},
			gpuOperator: { allowTo: [{ cidr: "192.168.7.0/24", ports: [80] }] },
		},
	});
	expect(connects(["certManager", "neighbour", 14000], config)).toBe(true);
	expect(connects(["certManager", "neighbour", 443], config)).toBe(false);
	expect(connects(["certManager", "internet", 14000], config)).toBe(false);
	expect(connects(["certManager", "office", 443], config)).toBe(true);
	expect(connects(["certManager", "office", 80], config)).toBe(false);
	expect(connects(["gpuDriver", "office", 80], config)).toBe(true);
	expect(connects(["gpuDriver", "office", 443], config)).toBe(false);
	expect(connects(["gpuValidator", "office", 80], config)).toBe(false);
});

test("no metrics port is open when the stack file has no scraper", () => {
	const config = structuredClone(stack);
	config.platform.scrapers = [];
	expect(connects(["prometheus", "traefik", 9111], config)).toBe(false);
	expect(connects(["prometheus", "observatory", 9187], config)).toBe(false);
	expect(connects(["prometheus", "certManager", 9402], config)).toBe(false);
	expect(connects(["prometheus", "metallb", 9120], config)).toBe(false);
	expect(connects(["prometheus", "gpuExporter", 9400], config)).toBe(false);
});

test("no pod downloads packages when the hosts have the driver", () => {
	const config = structuredClone(stack);
	config.platform.gpuOperator.driver = "host";
	expect(connects(["gpuDriver", "internet", 443], config)).toBe(false);
	expect(connects(["gpuExporter", "controlPlane", 6443], config)).toBe(true);
});

describe("a proxy for egress", () => {
	const behind = (url: string) => labStack({ cluster: { proxy: { url } } });

	test("is reached at its address and port by pods that download from outside, and by no other pod", () => {
		const config = behind("http://10.25.10.9:3128");
		expect(connects(["certManager", "proxy", 3128], config)).toBe(true);
		expect(connects(["gpuDriver", "proxy", 3128], config)).toBe(true);
		expect(connects(["certManagerInjector", "proxy", 3128], config)).toBe(false);
		expect(connects(["gpuValidator", "proxy", 3128], config)).toBe(false);
		expect(connects(["ollama", "proxy", 3128], config)).toBe(false);
		expect(connects(["certManager", "internet", 3128], config)).toBe(false);
		// The destination is one of its exceptions.
		expect(connects(["certManager", "internet", 443], config)).toBe(true);
	});

	test("may have any address outside the cluster and Proxmox when the stack file has its name", () => {
		const config = behind("https://proxy.lab.internal");
		expect(connects(["gpuDriver", "internet", 443], config)).toBe(true);
		const plain = behind("http://proxy.lab.internal:3128");
		expect(connects(["gpuDriver", "proxy", 3128], plain)).toBe(true);
		for (const to of ["podByHand", "controlPlane", "worker", "proxmox", "metadata"] as const) {
			expect(connects(["gpuDriver", to, 3128], plain), to).toBe(false);
		}
	});
});

test("a certificate authority is reached at the port of its URL", () => {
	const config = structuredClone(stack);
	config.platform.certManager.acmeServer = "https://ca.lab.internal:14000/directory";
	expect(connects(["certManager", "internet", 14000], config)).toBe(true);
	expect(connects(["certManager", "internet", 443], config)).toBe(true);
});

test("the administrator's own authority needs no connection out of the cluster", () => {
	const config = labStack({ platform: { certManager: { ownAuthority: authority, email: null } } });
	expect(connects(["certManager", "internet", 443], config)).toBe(false);
	expect(connects(["certManager", "otherResolver", 53, "UDP"], config)).toBe(false);
	expect(connects(["certManager", "controlPlane", 6443], config)).toBe(true);
});

test("a server that takes updates of the zone, and acme-dns, are reached at their ports", () => {
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
	const acmeDns = { acmeDNS: { host: "https://auth.acme-dns.io:8443" } };
	expect(reaches(acmeDns, { protocol: "TCP", port: 8443 })).toBe(true);
	expect(reaches({ cloudflare: {} }, { protocol: "TCP", port: 8443 })).toBe(false);
});

test("challenges are looked up at the resolvers of the stack file and no others", () => {
	const config = structuredClone(stack);
	config.platform.certManager.recursiveNameservers = ["9.9.9.9"];
	expect(connects(["certManager", "otherResolver", 53, "UDP"], config)).toBe(true);
	expect(connects(["certManager", "resolver", 53, "UDP"], config)).toBe(false);
});

test("a control plane with a new address is reached there, and not at the old address", () => {
	const config = structuredClone(stack);
	config.nodes["proj-k8sm02"]!.address = "10.25.20.50";
	expect(connects(["traefik", "controlPlane", 6443], config)).toBe(false);
	expect(
		allowed(policiesOf(config), endpoints.traefik, { address: "10.25.20.50" }, { protocol: "TCP", port: 6443 }),
	).toBe(true);
});

test("Traefik reaches no backend when no namespace has ingress", () => {
	const config = structuredClone(stack);
	for (const namespace of Object.values(config.platform.namespaces)) {
		namespace.ingress = false;
	}
	expect(connects(["traefik", "openwebui", 3000], config)).toBe(false);
});

test("the overlay has one address for every node network in the pod network", () => {
	const config = structuredClone(stack);
	config.cluster.podCidr = "172.20.240.0/20";
	const webhook = certManagerPolicies(config).find(({ name }) => name === "allow-webhook");
	const sources = webhook?.spec.ingress?.[0]?.from?.map(({ ipBlock }) => ipBlock?.cidr) ?? [];
	expect(sources.slice(0, 4)).toEqual(["10.25.20.4/32", "10.25.20.5/32", "10.25.20.6/32", "172.20.240.0/32"]);
	expect(sources.at(-1)).toBe("172.20.255.0/32");
	expect(sources).toHaveLength(3 + 16);
});
