import { describe, expect, test } from "vitest";
import { named, objects, platform, policyType } from "./platform-lab.ts";

const serviceType = "kubernetes:core/v1:Service";

describe("the platform's own metrics", () => {
	test.each([
		["cert-manager", "metrics", "cert-manager", 9402, 30042],
		["cert-manager", "metrics-cainjector", "cert-manager", 9402, 30043],
		["cert-manager", "metrics-webhook", "cert-manager", 9402, 30044],
		["metallb-system", "metrics", "metallb", 9120, 30020],
		["gpu-operator", "metrics", "gpu-operator", 9400, 30040],
		["gpu-operator", "metrics-operator", "gpu-operator", 8080, 30045],
		["gpu-operator", "metrics-node-features", "gpu-operator", 8080, 30046],
	])(
		"%s, %s: a port of the nodes that run the pods leads to them, and keeps the scraper's address",
		(namespace, name, release, port, nodePort) => {
			const service = named(objects, serviceType, `${namespace}-${name}`);
			expect(service.inputs).toMatchObject({
				metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
				spec: { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ port, targetPort: port, nodePort }] },
			});
			expect(service.dependsOn).toContain(release);
		},
	);

	test.each([
		["cert-manager", "metrics", "cert-manager-allow-metrics"],
		["cert-manager", "metrics-cainjector", "cert-manager-allow-cainjector-metrics"],
		["cert-manager", "metrics-webhook", "cert-manager-allow-webhook-metrics"],
		["metallb-system", "metrics", "metallb-system-allow-metrics"],
		["gpu-operator", "metrics", "gpu-operator-allow-gpu-metrics"],
		["gpu-operator", "metrics-operator", "gpu-operator-allow-operator-metrics"],
		["gpu-operator", "metrics-node-features", "gpu-operator-allow-node-feature-metrics"],
	])(
		"%s, %s: the policy admits the scraper of the stack file at the port of the Service, and no other source",
		(namespace, service, name) => {
			const { selector, ports } = named(objects, serviceType, `${namespace}-${service}`).inputs.spec as {
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
		},
	);

	test("have no Service and no policy when the stack file has no scraper", async () => {
		const unwatched = await platform((stack) => {
			stack.platform.scrapers = [];
		});
		const ofTheCheck = ["network-check-pods", "network-check-all"];
		const others = unwatched.filter(({ name }) => !ofTheCheck.includes(name));
		expect(others.filter(({ type, name }) => type === serviceType || name.endsWith("metrics"))).toEqual([]);
	});
});
