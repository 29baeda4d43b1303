/** What a review says about changes of the platform in the cluster. */
import { describe, expect, test } from "vitest";
import { reviewLab } from "../lab-review.ts";

const notCompared =
	"  The objects inside the charts were not compared, only the versions and values: a review downloads no chart. `npm run policy:charts` renders the published charts and evaluates the policies on them.";

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
		"not disruptive",
		"  Release: traefik",
		"    version: 41.3.0 -> 41.4.0",
		notCompared,
	],
	"other values of a chart": [
		{ platform: { traefik: { exposure: "nodePort" } } },
		"not disruptive",
		"  platform.traefik.exposure: new: nodePort",
		"  Release: traefik",
		notCompared,
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

describe("a review of", () => {
	test.each(Object.entries(cases))("%s", async (_, [change, verdict, ...lines]) => {
		const [found, text] = await reviewLab(change);
		expect([found, text.split("\n")]).toEqual([verdict, expect.arrayContaining(lines)]);
	});
});
