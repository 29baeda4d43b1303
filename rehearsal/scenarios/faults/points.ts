/** Where the faults of the sweep happen, and which of them share an operation. */
import { nodeStepName } from "../../../src/facts/resource-names.ts";
import { type Change, firstServer, type ScenarioCluster, secondWorker, servers, workers } from "../support/cluster.ts";
import { type Fault, faultsOfAnotherServer, faultsOfMachines, faultsOfProxmox, faultsOfTheMirror } from "./faults.ts";

export interface FaultPoint {
	node: string;
	/** The step that begins. Absent: the fault is there before the operation. */
	step?: Parameters<typeof nodeStepName>[1];
	fault: Fault;
}

/** An operation that meets one fault after another. */
export interface FaultRound {
	operation: keyof typeof operations;
	/** At most one for each step of a node. */
	points: readonly FaultPoint[];
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

const stepsOfANewMember = ["toolkit", "preflight", "prepare", "token", "join"] as const;

/** All rounds together have more than 100 points. */
export function faultRounds(): FaultRound[] {
	const nodes = [...servers, ...workers];
	const faultsOfConverging = [...faultsOfMachines, ...faultsOfAnotherServer];
	return [
		...faultsOfConverging.map((_, turn) => ({
			operation: "upgrade" as const,
			points: [
				// The nodes prepare at the same time, and each meets another fault.
				...(turn < faultsOfMachines.length ? spread(nodes, faultsOfMachines, turn, "prepare") : []),
				...spread(nodes, faultsOfConverging, turn, "converge"),
			],
		})),
		...faultsOfMachines.map((_, turn) => ({
			operation: "replacement" as const,
			points: stepsOfANewMember.map((step, index) => ({
				node: secondWorker,
				step,
				fault: faultsOfMachines[(turn + index) % faultsOfMachines.length]!,
			})),
		})),
		...faultsOfTheMirror.map((fault) => ({ operation: "upgrade" as const, points: [{ node: firstServer, fault }] })),
		...faultsOfProxmox.map((fault) => ({ operation: "replacement" as const, points: [{ node: secondWorker, fault }] })),
	];
}

/** In as many turns as there are faults, each node meets each of them once. */
function spread(
	nodes: readonly string[],
	faults: readonly Fault[],
	turn: number,
	step: NonNullable<FaultPoint["step"]>,
): FaultPoint[] {
	return nodes.map((node, index) => ({ node, step, fault: faults[(turn + index) % faults.length]! }));
}

/** The line that a sweep prints. */
export function describePoint({ node, step, fault }: FaultPoint): string {
	return step === undefined ? `${node}: ${fault.name}` : `${nodeStepName(node, step)} begins: ${fault.name}`;
}
