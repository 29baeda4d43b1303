import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { secondWorker, servers, workers } from "./support/cluster.ts";

export const nodeCordonedByAPerson: Scenario = {
	name: "node-cordoned-by-a-person",
	description:
		"A person has cordoned a worker before a rollout: the worker changes like the others, and stays cordoned.",
	outage: "none",

	async run(cluster) {
		await cluster.rehearsal.kubectl("cordon", secondWorker);
		const before = await cluster.processes();
		await cluster.upSucceeds(cluster.changeOfAllNodes());
		await cluster.restartedSince(before, [...servers, ...workers]);
		assert.deepEqual(await cluster.cordoned(), [secondWorker]);
		await cluster.rehearsal.kubectl("uncordon", secondWorker);
	},
};
