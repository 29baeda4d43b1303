/** Who reaches whom in the lab as its stack file has it: the table in docs/network.md, evaluated from the policies. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { NetworkPort } from "../../../../../components/platform/network-policies/network-policy.ts";
import { allowed, type Endpoint } from "../../../../../review/compare/connections.ts";
import { labStack } from "../../../../fixtures/lab.ts";
import { endpoints, policiesOf } from "./network-lab.ts";

/** How the document calls whom; the others are variants of these. */
const names = {
	traefik: "Traefik",
	certManager: "cert-manager",
	certManagerInjector: "cert-manager's cainjector",
	certManagerWebhook: "cert-manager's webhook",
	metallb: "MetalLB's controller",
	gpuOperator: "GPU Operator",
	nodeFeatures: "node feature discovery",
	gpuDriver: "GPU driver container",
	gpuExporter: "GPU exporter",
	openwebui: "openwebui",
	ollama: "ollama",
	observatory: "observatory-core",
	pipeline: "data-pipeline",
	monitoring: "monitoring",
	dns: "CoreDNS",
	dnsAutoscaler: "CoreDNS' autoscaler",
	metricsServer: "metrics-server",
	snapshotController: "snapshot controller",
	helmInstall: "jobs that install RKE2's charts",
	podInDefault: "a pod in default",
	controlPlane: "control planes",
	worker: "workers",
	overlay: "the nodes' overlay addresses",
	neighbour: "the nodes' segment",
	nameserver: "nameservers of the stack file",
	office: "private networks",
	proxmox: "Proxmox",
	metadata: "169.254.169.254",
	resolver: "recursive nameservers",
	prometheus: "scrapers",
	internet: "the internet",
} satisfies Partial<Record<keyof typeof endpoints, string>>;

const tcpPorts = [22, 53, 80, 443, 2381, 3000, 3128, 5432, 6443, 8000, 8006, 8080, 8443, 9100, 9111, 9120, 9153].concat(
	[9345, 9400, 9402, 9443, 10250, 11434],
);
const ports: NetworkPort[] = [
	...tcpPorts.map((port) => ({ protocol: "TCP" as const, port })),
	{ protocol: "UDP", port: 53 },
];

const policies = policiesOf(labStack());

function reached(from: Endpoint, to: Endpoint): string {
	const open = ports.filter((port) => allowed(policies, from, to, port));
	return open.map(({ protocol, port }) => (protocol === "UDP" ? `${port}/udp` : port)).join(", ");
}

function table(): string {
	const everybody = (Object.keys(names) as (keyof typeof names)[]).map((key) => [names[key], endpoints[key]] as const);
	const isPod = (endpoint: Endpoint) => endpoint.namespace !== undefined;
	const rows = everybody.map(([from, caller]) => {
		const whom = everybody
			// Between two that are no pods no policy decides.
			.filter(([to, callee]) => to !== from && (isPod(caller) || isPod(callee)))
			.map(([to, callee]) => ({ to, found: reached(caller, callee) }))
			.filter(({ found }) => found !== "")
			.map(({ to, found }) => `${to}: ${found}`);
		return `| ${from} | ${whom.join("; ") || "nothing"} |`;
	});
	return ["| From | To: ports |", "|---|---|", ...rows].join("\n");
}

test("docs/network.md shows the evaluated connections", () => {
	const document = readFileSync(new URL("../../../../../docs/network.md", import.meta.url), "utf8");
	const [, shown] = /<!-- connectivity -->\n([\s\S]*?)\n<!-- end -->/.exec(document) ?? [];
	expect(shown).toBe(table());
});
