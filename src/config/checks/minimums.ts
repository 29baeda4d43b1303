/** VMs that are smaller than their role needs, and nameservers beyond the limit of a resolver. */
import { minimums, mostNameservers, serverSizes } from "../../facts/minimums.ts";
import type { Problem } from "../read/problems.ts";
import { eachEntry, eachItem } from "../read/readable.ts";
import type { NodeConfig, StackConfig } from "../schema/stack.ts";

const sizes = ["cpus", "memoryGiB", "diskGiB"] as const;
const units = { cpus: "CPUs", memoryGiB: "GiB of memory", diskGiB: "GiB of system disk" };

export function checkMinimums({ nodes }: StackConfig): Problem[] {
	return everySize(nodes, ({ role, found, size }) => {
		const needed = minimums[role][size].needed;
		return needed && found < needed.value
			? `must be at least ${needed.value} for a ${role}, found ${found}: ${needed.why}.`
			: undefined;
	});
}

export function minimumWarnings(stack: StackConfig): Problem[] {
	const small = everySize(stack.nodes, ({ role, found, size }) => {
		const { advised } = minimums[role][size];
		return found < advised.value
			? `has ${found} ${units[size]} and is less than the ${advised.value} that ${advised.why}.`
			: undefined;
	});
	return [...small, ...serversForWorkers(stack), ...nameservers(stack)];
}

function everySize(
	nodes: StackConfig["nodes"],
	check: (node: { role: NodeConfig["role"]; found: number; size: (typeof sizes)[number] }) => string | undefined,
): Problem[] {
	return eachEntry(nodes, (name, node) =>
		eachItem(sizes, (size) => {
			const message = check({ role: node.role, found: node[size], size });
			return message ? [{ key: `nodes.${name}.${size}`, message }] : [];
		}),
	);
}

function serversForWorkers({ nodes }: StackConfig): Problem[] {
	const all = Object.values(nodes);
	const servers = all.filter(({ role }) => role === "control-plane");
	const workers = all.length - servers.length;
	const cpus = Math.min(...servers.map((server) => server.cpus));
	const memoryGiB = Math.min(...servers.map((server) => server.memoryGiB));
	const enough = serverSizes.find((size) => workers <= size.workers);
	// The first row is the minimum of every control plane, about which each has its own warning.
	return enough && enough !== serverSizes[0] && (cpus < enough.cpus || memoryGiB < enough.memoryGiB)
		? [
				{
					key: "nodes",
					message: `has ${workers} workers and control planes of ${cpus} CPUs and ${memoryGiB} GiB; RKE2's sizing guide gives each ${enough.cpus} CPUs and ${enough.memoryGiB} GiB for up to ${enough.workers} workers (https://docs.rke2.io/install/requirements).`,
				},
			]
		: [];
}

function nameservers({ network }: StackConfig): Problem[] {
	const ignored = network.nameservers.slice(mostNameservers);
	return ignored.length === 0
		? []
		: [
				{
					key: "network.nameservers",
					message: `names ${network.nameservers.length}, and a resolver asks the first ${mostNameservers}; pods never ask ${ignored.join(", ")}.`,
				},
			];
}
