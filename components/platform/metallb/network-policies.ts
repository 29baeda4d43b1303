import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { addOns } from "../../../src/facts/add-ons.ts";
import { allowMetricsOf } from "../network-policies/metrics.ts";
import type { LabelSelector, NamedPolicy } from "../network-policies/network-policy.ts";
import { allowApiServer, allowDns, allowWebhook, defaultDeny } from "../network-policies/rules.ts";

const controller: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };

/** Port of MetalLB's speakers for metrics. They run in the network of their hosts, where no policy applies. */
export const speakerMetricsPort = addOns.metallb.metrics[0].port;

export function metallbPolicies(stack: Pick<StackConfig, "cluster" | "nodes" | "platform">): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, controller, 9443),
		...allowMetricsOf("metallb", stack),
	];
}
