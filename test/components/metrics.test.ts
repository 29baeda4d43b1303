import { describe, expect, test } from "vitest";
import { named, objects, platform, policyType } from "./platform-lab.ts";

const serviceType = "kubernetes:core/v1:Service";

describe("the platform's own metrics", () => {
	test.each([
		["cert-manager", "cert-manager", 9402, 30042],
		["metallb-system", "metallb", 9120, 30020],
		["gpu-operator", "gpu-operator", 9400, 30040],
	])("%s answers at a port of the nodes that run its pods, and sees who asks", (namespace, release, port, nodePort) => {
		const service = named(objects, serviceType, `${namespace}-metrics`);
		expect(service.inputs).toMatchObject({
			metadata: { name: "metrics", namespace, annotations: { "pulumi.com/skipAwait": "true" } },
			spec: { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ port, targetPort: port, nodePort }] },
		});
		expect(service.dependsOn).toContain(release);
	});

	test.each([
		["cert-manager", "cert-manager-allow-metrics"],
		["metallb-system", "metallb-system-allow-metrics"],
		["gpu-operator", "gpu-operator-allow-gpu-metrics"],
	])("%s lets the scraper of the stack file in where its Service leads, and nobody else", (namespace, name) => {
		const { selector, ports } = named(objects, serviceType, `${namespace}-metrics`).inputs.spec as {
			selector: object;
			ports: { targetPort: number }[];
		};
		expect(named(objects, policyType, name).inputs.spec).toEqual({
			podSelector: { matchLabels: selector },
			policyTypes: ["Ingress"],
			ingress: [
				{
					from: [{ ipBlock: { cidr: "10.25.10.13/32" } }],
					ports: ports.map(({ targetPort }) => ({ protocol: "TCP", port: targetPort })),
				},
			],
		});
	});

	test("are nobody's where nobody scrapes", async () => {
		const unwatched = await platform((stack) => {
			stack.platform.scrapers = [];
		});
		const ofTheCheck = ["network-check-pods", "network-check-all"];
		const others = unwatched.filter(({ name }) => !ofTheCheck.includes(name));
		expect(others.filter(({ type, name }) => type === serviceType || name.endsWith("metrics"))).toEqual([]);
	});
});
