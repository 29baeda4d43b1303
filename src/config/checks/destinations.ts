/** Rules for destinations outside the cluster (`allowTo`): never everything, and the machines under the cluster only on purpose. */
import { machineNetworks } from "../derived/endpoints.ts";
import { sizeOf, without } from "../formats/intervals.ts";
import { networkOf } from "../formats/networks.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

type Destination = StackConfig["platform"]["namespaces"][string]["allowTo"][number];

/** Half of the addresses of IPv4: whoever opens so many has opened the other half in a second entry, or left out a few. */
const half = 2n ** 31n;

const machines = {
	nodes: { text: "the nodes or the API", instead: "; apiServer: true opens the API to the pods of a namespace" },
	proxmox: { text: "Proxmox (proxmox.endpoint)", instead: "" },
} as const;

export function checkDestinations(stack: StackConfig): Problem[] {
	return applyRules(stack, everything, machinesUnder, idle);
}

/** Every list of destinations, by the key in front of `allowTo`. */
export function destinationsOf({ platform }: StackConfig): Record<string, readonly Destination[]> {
	const { certManager, gpuOperator, namespaces } = platform;
	return {
		...(certManager && { "platform.certManager": certManager.allowTo }),
		...(gpuOperator && { "platform.gpuOperator": gpuOperator.allowTo }),
		...Object.fromEntries(
			Object.entries(namespaces).map(([name, { allowTo }]) => [`platform.namespaces.${name}`, allowTo]),
		),
	};
}

function everything(stack: StackConfig): Problem[] {
	return eachEntry(destinationsOf(stack), (key, allowTo) => {
		const wide = allowTo.flatMap(({ cidr }) => networkOf(cidr) ?? []);
		return sizeOf(wide) >= half
			? [
					{
						key: `${key}.allowTo`,
						message: `has ${allowTo.map(({ cidr }) => cidr).join(", ")}: at least half of all addresses; name the networks that are needed, or internet for everything outside private networks.`,
					},
				]
			: [];
	});
}

/** A wider network leaves the machines out of the policy. */
function machinesUnder(stack: StackConfig): Problem[] {
	const networks = machineNetworks(stack);
	return ofEach(stack, (key, { cidr, including }) => {
		const closed = (["nodes", "proxmox"] as const).filter((kind) => !including.includes(kind));
		const network = networkOf(cidr);
		const holes = closed.flatMap((kind) => networks[kind].flatMap((hole) => networkOf(hole) ?? []));
		if (!network || without(network, holes).length > 0) {
			return [];
		}
		const found = closed.filter((kind) => networks[kind].some((hole) => overlapOf(network, hole)));
		const texts = found.map((kind) => machines[kind].text).join(" and ");
		return [
			{
				key: `${key}.cidr`,
				message: `${cidr} is only ${texts}, which a workload does not need; remove the entry, or open it on purpose with including: [${found.join(", ")}]${found.map((kind) => machines[kind].instead).join("")}.`,
			},
		];
	});
}

function idle(stack: StackConfig): Problem[] {
	const networks = machineNetworks(stack);
	return ofEach(stack, (key, { cidr, including }) =>
		eachItem(including, (kind, index) => {
			const network = networkOf(cidr);
			return network && networks[kind].some((hole) => overlapOf(network, hole))
				? []
				: [
						{
							key: `${key}.including.${index}`,
							message: `${kind} has no address in ${cidr}; remove it.`,
						},
					];
		}),
	);
}

function overlapOf(network: { first: bigint; last: bigint }, cidr: string): boolean {
	const hole = networkOf(cidr);
	return hole !== undefined && hole.first >= network.first && hole.last <= network.last;
}

function ofEach(stack: StackConfig, check: (key: string, destination: Destination) => Problem[]): Problem[] {
	return eachEntry(destinationsOf(stack), (key, allowTo) =>
		eachItem(allowTo, (destination, index) => check(`${key}.allowTo.${index}`, destination)),
	);
}
