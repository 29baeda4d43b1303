import assert from "node:assert/strict";
import type { ScenarioCluster } from "./cluster.ts";

/** Asserts that the end is that of a run without any disturbance. */
export async function hasEnded(cluster: ScenarioCluster): Promise<void> {
	await cluster.becomesHealthy();
	await cluster.isLikeItsStackFile();
	assert.deepEqual(await cluster.cordoned(), [], "a node takes no pods");
	const { vms } = await cluster.rehearsal.datacenter.inventory();
	assert.equal(vms, Object.keys(await cluster.kubelets()).length, "there are VMs without a node");
}
