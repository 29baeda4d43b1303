/** Rules for workload namespaces: their names, their callers, their destinations and their defaults. */
import { platformNamespaces } from "../../facts/add-ons.ts";
import { bounds, contains } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { destinationsOf } from "./destinations.ts";

export function checkNamespaces(stack: StackConfig): Problem[] {
	return applyRules(stack, names, callers, destinations, scrapers, defaults);
}

function names({ platform }: StackConfig): Problem[] {
	const taken: readonly string[] = [...Object.values(platformNamespaces), "default"];
	return Object.keys(platform.namespaces)
		.filter((name) => taken.includes(name) || name.startsWith("kube-"))
		.map((name) => ({
			key: `platform.namespaces.${name}`,
			message: "belongs to the platform or to Kubernetes; choose another name for a workload.",
		}));
}

/** An entry opens both sides, and the program has network policies in its own namespaces only. */
function callers({ platform: { namespaces } }: StackConfig): Problem[] {
	return eachEntry(namespaces, (name, { allowFrom }) =>
		eachItem(allowFrom, ({ namespace }, index) =>
			Object.hasOwn(namespaces, namespace)
				? []
				: [
						{
							key: `platform.namespaces.${name}.allowFrom.${index}.namespace`,
							message: `${namespace} is not in platform.namespaces; allowed: ${Object.keys(namespaces).join(", ")}.`,
						},
					],
		),
	);
}

function destinations(stack: StackConfig): Problem[] {
	return eachEntry(destinationsOf(stack), (key, allowTo) => insideCluster(stack, key, allowTo));
}

/** Addresses of pods and Services change, and network policies never see those of Services. */
function insideCluster({ cluster }: StackConfig, key: string, allowTo: readonly { cidr: string }[]): Problem[] {
	const inside = ["podCidr", "serviceCidr"] as const;
	return eachItem(allowTo, ({ cidr }, index) =>
		inside
			.filter((network) => cidr !== "internet" && contains(cluster[network], bounds(cidr).first))
			.map((network) => ({
				key: `${key}.allowTo.${index}.cidr`,
				message: `${cidr} is in cluster.${network} ${cluster[network]}; use allowFrom in the namespace of those pods instead.`,
			})),
	);
}

function scrapers({ platform }: StackConfig): Problem[] {
	const scraped = platform.scrapers.length > 0 || Object.values(platform.namespaces).some(({ scrapes }) => scrapes);
	return eachEntry(platform.namespaces, (name, { metricsPorts }) =>
		metricsPorts.length > 0 && !scraped
			? [
					{
						key: `platform.namespaces.${name}.metricsPorts`,
						message: "opens ports for scrapers, but platform.scrapers is empty and no namespace has scrapes: true.",
					},
				]
			: [],
	);
}

/** The API server refuses a LimitRange whose request is above its limit. */
function defaults({ platform: { namespaces } }: StackConfig): Problem[] {
	return eachEntry(namespaces, (name, { containerDefaults: { requests, limits } }) =>
		mebibytes(requests.memory) > mebibytes(limits.memory)
			? [
					{
						key: `platform.namespaces.${name}.containerDefaults.requests.memory`,
						message: `must be at most limits.memory ${limits.memory}, found ${requests.memory}.`,
					},
				]
			: [],
	);
}

/** @param quantity `128Mi` or `2Gi` */
function mebibytes(quantity: string): number {
	return Number.parseInt(quantity, 10) * (quantity.endsWith("Gi") ? 1024 : 1);
}
