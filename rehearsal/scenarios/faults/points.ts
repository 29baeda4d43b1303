/** Where the faults of the sweep happen: the steps of an upgrade on each node, and those of the replacement of a worker. */
import { nodeStepName } from "../../../src/facts/resource-names.ts";
import { type Change, firstServer, type ScenarioCluster, secondWorker, servers, workers } from "../support/cluster.ts";
import { type Fault, faultsOfAnotherServer, faultsOfMachines, faultsOfProxmox, faultsOfTheMirror } from "./faults.ts";

export interface FaultPoint {
	operation: keyof typeof operations;
	node: string;
	/** Name of the resource that begins. Absent: the fault is there before the operation. */
	step?: string;
	fault: Fault;
}

/** Each goes to and fro, so that it runs as often as a sweep needs. */
export const operations = {
	/** A patch of RKE2 brings each node a release, and restarts RKE2 there. */
	async upgrade(cluster: ScenarioCluster): Promise<Change> {
		const { version } = cluster.rehearsal.stack.cluster;
		const newer = version.replace(/\d+(?=\+)/, (patch) => `${Number(patch) + 1}`);
		await cluster.rehearsal.offerRelease(newer);
		return { cluster: { version: cluster.version === newer ? version : newer } };
	},
	/** Another host makes the VM of a worker anew. */
	async replacement(cluster: ScenarioCluster): Promise<Change> {
		const { host } = cluster.rehearsal.stack.nodes[secondWorker]!;
		return { nodes: { [secondWorker]: { host: cluster.hostOf(secondWorker) === host ? "node04" : host } } };
	},
};

/** More than 100. */
export function faultPoints(): FaultPoint[] {
	const all = [...servers, ...workers];
	return [
		...all.flatMap((node) => pointsAt("upgrade", node, ["prepare"], faultsOfMachines)),
		...all.flatMap((node) => pointsAt("upgrade", node, ["converge"], [...faultsOfMachines, ...faultsOfAnotherServer])),
		...pointsAt("replacement", secondWorker, stepsOfANewMember, faultsOfMachines),
		...faultsOfTheMirror.map((fault) => ({ operation: "upgrade" as const, node: firstServer, fault })),
		...faultsOfProxmox.map((fault) => ({ operation: "replacement" as const, node: secondWorker, fault })),
	];
}

const stepsOfANewMember = ["toolkit", "preflight", "prepare", "token", "join"] as const;

function pointsAt(
	operation: FaultPoint["operation"],
	node: string,
	steps: readonly Parameters<typeof nodeStepName>[1][],
	faults: readonly Fault[],
): FaultPoint[] {
	return steps.flatMap((step) => faults.map((fault) => ({ operation, node, step: nodeStepName(node, step), fault })));
}

/** The line that a sweep prints. */
export function describePoint({ operation, node, step, fault }: FaultPoint): string {
	return step === undefined ? `${operation} of ${node}: ${fault.name}` : `${operation}, ${step} begins: ${fault.name}`;
}
