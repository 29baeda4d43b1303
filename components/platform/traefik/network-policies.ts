import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { allowMetrics } from "../network-policies/metrics.ts";
import type { LabelSelector, NamedPolicy, NetworkPort } from "../network-policies/network-policy.ts";
import {
	allowApiServer,
	allowDns,
	allowEgress,
	allowIngress,
	defaultDeny,
	namespaceNamed,
	tcp,
} from "../network-policies/rules.ts";
import { containerPorts } from "./values.ts";

export const traefikPods: LabelSelector = { matchLabels: { "app.kubernetes.io/name": "traefik" } };

/** Ports at which web servers in containers usually listen: for namespaces that admit Traefik and name no port. */
const usualWebPorts = [80, 443, 3000, 8000, 8080, 8443];

type Ingress = StackConfig["platform"]["namespaces"][string]["ingress"];

/** Ports of a workload namespace that Traefik reaches. */
export function backendPorts(ingress: Exclude<Ingress, false>): NetworkPort[] {
	return tcp(...(ingress === true ? usualWebPorts : ingress.ports));
}

export function traefikPolicies(stack: Pick<StackConfig, "nodes" | "platform">): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		// The node translates the host port to the container's before policies apply, and keeps the client's address.
		allowIngress("allow-web", traefikPods, { ports: tcp(containerPorts.web, containerPorts.websecure) }),
		...allowMetrics(stack, traefikPods, [containerPorts.metrics], "allow-metrics"),
		...backends(stack),
	];
}

function backends({ platform }: Pick<StackConfig, "platform">): NamedPolicy[] {
	const rules = Object.entries(platform.namespaces).flatMap(([name, { ingress }]) =>
		ingress ? [{ to: [{ namespaceSelector: namespaceNamed(name) }], ports: backendPorts(ingress) }] : [],
	);
	return rules.length === 0 ? [] : [allowEgress("allow-backends", traefikPods, ...rules)];
}
