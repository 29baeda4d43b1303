/** A worker that joins the scenarios' cluster for a while. */
import { type Change, type ScenarioCluster, secondWorker } from "./cluster.ts";

export const thirdWorker = "proj-k8sw03";

/** @returns the part of a change that brings it */
export function withThirdWorker({ rehearsal }: ScenarioCluster): Change {
	const like = rehearsal.stack.nodes[secondWorker]!;
	return { nodes: { [thirdWorker]: { ...like, cmdbId: "VM-0009", host: "node03", vmId: 109, address: "10.25.20.9" } } };
}

/** The part of a change that takes it away. */
export const withoutThirdWorker: Change = { nodes: { [thirdWorker]: null } };
