/** What a review says about changes of the platform in the cluster. */
import { describe, expect, test } from "vitest";
import { changed, reviewLab } from "../lab-review.ts";

const notCompared =
	"  The objects inside the charts were not compared, only the versions and values: that needs the charts, which --charts names.";

const cases: Record<string, [change: Record<string, unknown>, verdict: string, ...lines: string[]]> = {
	"a loosened network policy": [
		{
			platform: {
				namespaces: {
					ollama: {
						allowFrom: [
							{ namespace: "openwebui", ports: [11434] },
							{ namespace: "data-pipeline", ports: [11434] },
						],
					},
				},
			},
		},
		"not disruptive",
		"  opens: any other pod in data-pipeline to any other pod in ollama: 11434",
	],
	"a tightened network policy": [
		{ platform: { namespaces: { ollama: { allowFrom: null } } } },
		"disruptive",
		"  2 x NetworkPolicy: ollama-allow-from-namespaces, openwebui-allow-to-namespaces",
		"  closes: any other pod in openwebui to any other pod in ollama: 11434",
	],
	"a newer chart": [
		{ platform: { traefik: { version: "41.4.0" } } },
		"disruptive",
		"Disruption: the ingress restarts on one worker after another. The API is not interrupted.",
		"  Traefik restarts on one worker after another: each of them answers no visitor for some seconds, and its open connections break.",
		"  Release: traefik",
		"    version: 41.3.0 -> 41.4.0",
		notCompared,
	],
	"other values of a chart": [
		{ platform: { traefik: { exposure: "nodePort" } } },
		"disruptive",
		"Disruption: the ingress restarts on one worker after another; the way to the ingress changes. The API is not interrupted.",
		"  Traefik no longer answers at hostPort 80 and 443, but at nodePort 30080 and 30443: what calls it, such as a reverse proxy, has to change at the same time.",
		"  platform.traefik.exposure: new: nodePort",
		"  Release: traefik",
		notCompared,
	],
	"a newer MetalLB that announces nothing": [
		{ platform: { metallb: { version: "0.16.2" } } },
		"not disruptive",
		"Disruption: none. The API is not interrupted.",
		"  Release: metallb",
	],
	"another GPU driver": [
		{ platform: { gpuOperator: { driverVersion: "580.105.08" } } },
		"disruptive",
		"Disruption: the GPU driver is loaded anew on proj-k8sw04, proj-k8sw05. The API is not interrupted.",
		"  The GPU Operator may load the driver anew on proj-k8sw04, proj-k8sw05, one node after another: pods with a GPU stop there for that time.",
	],
	"no GPU Operator": [
		{
			platform: { gpuOperator: null },
			nodes: {
				"proj-k8sw04": { gpu: null, taints: null, labels: null },
				"proj-k8sw05": { gpu: null, taints: null, labels: null },
			},
		},
		"disruptive",
		"  The GPU Operator is removed, and no pod gets a GPU any more.",
	],
	"another lease of kube-vip": [
		{ cluster: { api: { kubeVip: { leaseDuration: 20, renewDeadline: 15 } } } },
		"disruptive",
		"Disruption: proj-k8sm01, proj-k8sm02, proj-k8sm03 drained and RKE2 restarted there, one after another; the API's address moves between the control planes. The API stays reachable on the other control planes.",
		"  The API's address leaves each control plane before RKE2 restarts there: open connections to it break, and clients connect again.",
	],
	"a namespace": [
		{ platform: { namespaces: { extra: {} } } },
		"not disruptive",
		"  Namespace: extra",
		"  2 x NetworkPolicy: extra-allow-dns, extra-default-deny-all",
		"  opens: any other pod in extra to kube-system (k8s-app=kube-dns): 53, 53/udp",
	],
	"a namespace less": [
		{ platform: { namespaces: { monitoring: null } } },
		"disruptive",
		"  Namespace: monitoring",
		"  closes: any other pod in monitoring to kube-system (k8s-app=kube-dns): 53, 53/udp",
	],
	"addresses that MetalLB announces": [
		{ platform: { metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35"] } } },
		"not disruptive",
		"    spec.addresses: removed, was 10.25.10.30-10.25.10.35",
		"    spec.addresses: new: 10.25.20.30-10.25.20.35",
	],
	"another scraper": [
		{ platform: { scrapers: ["10.25.10.14"] } },
		"not disruptive",
		"  opens: 10.25.10.14/32 to traefik (app.kubernetes.io/name=traefik): 9111",
		"  closes: 10.25.10.13/32 to traefik (app.kubernetes.io/name=traefik): 9111",
	],
};

const announced = changed({
	platform: { metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35"] }, traefik: { exposure: "loadBalancer" } },
});

const behindMetallb: typeof cases = {
	"a newer MetalLB that announces addresses": [
		{ platform: { metallb: { version: "0.16.2" } } },
		"disruptive",
		"Disruption: the addresses of MetalLB move from node to node. The API is not interrupted.",
	],
	"addresses that MetalLB no longer announces": [
		{ platform: { metallb: { announce: false }, traefik: { exposure: "nodePort" } } },
		"disruptive",
		"  Traefik no longer answers at the address of its load balancer, but at nodePort 30080 and 30443: what calls it, such as a reverse proxy, has to change at the same time.",
		"  MetalLB no longer announces its addresses: nothing answers there any more.",
	],
};

describe("a review of", () => {
	test.each(Object.entries(behindMetallb))("%s", async (_, [change, verdict, ...lines]) => {
		const [found, text] = await reviewLab(change, announced);
		expect([found, text.split("\n")]).toEqual([verdict, expect.arrayContaining(lines)]);
	});

	test("other ports of nodes restarts no pod of the ingress", async () => {
		const before = changed({ platform: { traefik: { exposure: "nodePort" } } });
		const [verdict, text] = await reviewLab({ platform: { traefik: { nodePorts: { web: 30_081 } } } }, before);
		expect([verdict, text.split("\n")[1]]).toEqual([
			"disruptive",
			"Disruption: the way to the ingress changes. The API is not interrupted.",
		]);
	});

	test.each(Object.entries(cases))("%s", async (_, [change, verdict, ...lines]) => {
		const [found, text] = await reviewLab(change);
		expect([found, text.split("\n")]).toEqual([verdict, expect.arrayContaining(lines)]);
	});
});
