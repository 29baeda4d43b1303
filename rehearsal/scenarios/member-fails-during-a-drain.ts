import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { servers } from "./support/cluster.ts";
import { holdPod } from "./support/held-pod.ts";

export const memberFailsDuringADrain: Scenario = {
	name: "member-fails-during-a-drain",
	description:
		"A second server fails while the first one drains: the first one stays up, takes pods again, and `up` goes on there later.",
	outage: "none",

	async run(cluster) {
		const held = await holdPod(cluster);
		const failing = await cluster.bystander(held.node);
		const before = await cluster.processes();
		const waiting = cluster.says(held.waiting);
		const refused = cluster.upFails(cluster.changeOfServers());
		await waiting;
		await cluster.signal(failing, "STOP", "etcd");
		await held.letGo();
		assert.match(
			await refused,
			new RegExp(
				`^${held.node}-converge: .*${held.node}: converge: another member of etcd has failed since the drain began, so nothing was changed; repair that server first`,
				"ms",
			),
		);
		await cluster.restartedSince(before, []);
		assert.deepEqual(await cluster.cordoned(), []);
		await cluster.signal(failing, "CONT", "etcd");
		await cluster.becomesHealthy();
		await cluster.upSucceeds();
		await cluster.restartedSince(before, servers);
	},
};
