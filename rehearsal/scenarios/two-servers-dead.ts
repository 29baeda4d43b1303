import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { firstServer, secondServer, servers, thirdServer } from "./support/cluster.ts";

export const twoServersDead: Scenario = {
	name: "two-servers-dead",
	description:
		"Two of three servers have no power when a rollout starts: refused with nothing touched, and done when they are back.",
	outage: "allowed",

	async run(cluster) {
		const before = await cluster.processes();
		await Promise.all([secondServer, thirdServer].map((server) => cluster.power(server, "stop")));
		const change = cluster.changeOfServers();
		assert.match(
			await cluster.upFails(change),
			new RegExp(
				`${firstServer}: converge: etcd has no quorum, so nothing was changed; bring the other servers back first`,
			),
		);
		const now = await cluster.processes();
		assert.equal(now[firstServer], before[firstServer], "RKE2 of the living server was restarted");
		await Promise.all([secondServer, thirdServer].map((server) => cluster.power(server, "start")));
		await cluster.becomesHealthy();
		assert.deepEqual(await cluster.cordoned(), []);
		const running = await cluster.processes();
		await cluster.upSucceeds();
		await cluster.restartedSince(running, servers);
	},
};
