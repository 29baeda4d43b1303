import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { servers } from "./support/cluster.ts";
import { holdPod } from "./support/held-pod.ts";

export const budgetBlocksThenIsLifted: Scenario = {
	name: "budget-blocks-then-is-lifted",
	description: "A disruption budget holds up a drain, and is deleted while `up` waits: the rollout goes on.",
	outage: "none",

	async run(cluster) {
		const held = await holdPod(cluster);
		const before = await cluster.processes();
		const waiting = cluster.says(held.waiting);
		const up = cluster.upSucceeds(cluster.changeOfServers());
		await waiting;
		assert.deepEqual(await cluster.cordoned(), [held.node]);
		await cluster.restartedSince(before, []);
		await held.letGo();
		await up;
		await cluster.restartedSince(before, servers);
	},
};
