import assert from "node:assert/strict";
import { messages } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers, workers } from "./support/cluster.ts";

export const rolloutOfASetting: Scenario = {
	name: "rollout-of-a-setting",
	description:
		"A setting of all nodes changes: servers restart one after another, etcd's leader among them, then workers.",
	outage: "none",
	// etcd needs 5 s at least to elect a new leader; the leader gives its place away before it restarts.
	longestGap: 4_000,

	async run(cluster) {
		// One of the three servers has to hand over when its turn comes, and this one is the first.
		await cluster.lead(firstServer);
		const before = await cluster.processes();
		const up = await cluster.upSucceeds(cluster.changeOfAllNodes());
		assert.match(messages(up), new RegExp(`^${firstServer}: converge: proj-k8sm0[23] leads etcd now$`, "m"));
		await cluster.restartedSince(before, [...servers, ...workers]);
		assert.deepEqual(await cluster.startOrder(), [...servers, ...workers]);
	},
};
