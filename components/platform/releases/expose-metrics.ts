import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { type AddOnKey, addOns } from "../../../src/facts/add-ons.ts";

/**
 * Lets `platform.scrapers`, which are outside the cluster, reach the pods that have metrics: at a port of each node that
 * runs such a pod, and of no other node, so that the network policies see the scraper's address. Without scrapers there is
 * no Service.
 */
export function exposeMetrics(
	addOn: AddOnKey,
	{ scrapers }: Pick<StackConfig["platform"], "scrapers">,
	opts: pulumi.CustomResourceOptions,
): void {
	if (scrapers.length === 0) {
		return;
	}
	const { namespace, metrics } = addOns[addOn];
	for (const { service, pods, port, nodePort } of metrics) {
		new Service(
			`${namespace}-${service}`,
			{
				// The release waits for its own pods. The GPU Operator creates its pods much later than the Service.
				metadata: { name: service, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
				spec: {
					type: "NodePort",
					externalTrafficPolicy: "Local",
					selector: pods,
					ports: [{ name: "metrics", protocol: "TCP", port, targetPort: port, nodePort }],
				},
			},
			opts,
		);
	}
}
