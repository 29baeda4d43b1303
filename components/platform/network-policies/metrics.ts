/** Who may collect metrics, and from which pods. */
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { type AddOnKey, addOnEntries, addOns } from "../../../src/facts/add-ons.ts";
import { single } from "./destinations.ts";
import type { LabelSelector, NamedPolicy, NetworkPeer } from "./network-policy.ts";
import { allowIngress, namespaceNamed, tcp } from "./rules.ts";

/** Port of CoreDNS for metrics, in RKE2's chart. */
export const dnsMetricsPort = 9153;

/** The scrapers outside the cluster, and the namespaces that scrape. */
export function scrapers({ platform }: Pick<StackConfig, "platform">): NetworkPeer[] {
	return [...platform.scrapers.map(single), ...scrapingNamespaces(platform).map(peerOf)];
}

export function scrapingNamespaces({ namespaces }: Pick<StackConfig["platform"], "namespaces">): string[] {
	return Object.keys(namespaces).filter((name) => namespaces[name]!.scrapes);
}

/** Admits every scraper to ports of pods. There is no policy where the stack file has no scraper. */
export function allowMetrics(
	stack: Pick<StackConfig, "platform">,
	pods: LabelSelector,
	ports: number[],
	name: string,
): NamedPolicy[] {
	const from = scrapers(stack);
	return from.length === 0 || ports.length === 0 ? [] : [allowIngress(name, pods, { from, ports: tcp(...ports) })];
}

export function allowMetricsOf(addOn: AddOnKey, stack: Pick<StackConfig, "platform">): NamedPolicy[] {
	return addOns[addOn].metrics.flatMap(({ pods, port, policy }) =>
		allowMetrics(stack, { matchLabels: pods }, [port], policy),
	);
}

/** The metrics of every add-on, as destinations of a namespace that scrapes. */
export function addOnMetrics() {
	return addOnEntries.flatMap(([, { namespace, metrics }]) =>
		metrics.map(({ pods, port }) => ({
			to: [{ ...peerOf(namespace), podSelector: { matchLabels: pods } }],
			ports: tcp(port),
		})),
	);
}

function peerOf(namespace: string): NetworkPeer {
	return { namespaceSelector: namespaceNamed(namespace) };
}
