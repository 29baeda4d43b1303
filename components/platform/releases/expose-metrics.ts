import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/platform-namespaces.ts";
import { metricsEndpoints } from "../network-policies/metrics.ts";

/**
 * Brings `platform.scrapers`, which are outside the cluster, to the pods that have metrics: at a port of each node that
 * runs one of them, and of no other, so that the policies see who asks. Without scrapers there is nothing.
 */
export function exposeMetrics(
	of: keyof typeof metricsEndpoints,
	{ platform: { scrapers } }: StackConfig,
	opts: pulumi.CustomResourceOptions,
): void {
	if (scrapers.length === 0) {
		return;
	}
	const namespace = platformNamespaces[of];
	for (const { service, pods, port, nodePort } of metricsEndpoints[of]) {
		new Service(
			`${namespace}-${service}`,
			{
				// Whether pods stand behind it is the release's business; those of the GPU Operator come much later than it.
				metadata: { name: service, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
				spec: {
					type: "NodePort",
					externalTrafficPolicy: "Local",
					selector: pods.matchLabels,
					ports: [{ name: "metrics", protocol: "TCP", port, targetPort: port, nodePort }],
				},
			},
			opts,
		);
	}
}
