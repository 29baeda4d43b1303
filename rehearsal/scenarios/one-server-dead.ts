import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers } from "./support/cluster.ts";

export const oneServerDead: Scenario = {
	name: "one-server-dead",
	description:
		"One of three servers has no power when a rollout starts: refused with nothing touched, and done when it is back.",
	outage: "none",

	async run(cluster) {
		const { rehearsal } = cluster;
		// etcd elects no leader in this scenario: that would be an outage of its own.
		const dead = await cluster.bystander(firstServer);
		await rehearsal.power(dead, "stop");
		const before = await cluster.processes();
		const change = cluster.changeOfServers();
		assert.match(
			await cluster.upFails(change),
			new RegExp(
				`^${firstServer}-converge: .*${firstServer}: converge: etcd of ${dead} does not answer at [0-9.]+; ` +
					"without this server 1 of 3 members are left, and etcd needs 2, so nothing was changed; repair the other server first",
				"ms",
			),
		);
		await cluster.restartedSince(before, []);
		assert.deepEqual(await cluster.cordoned(), []);
		await rehearsal.power(dead, "start");
		await cluster.becomesHealthy();
		const running = await cluster.processes();
		await cluster.upSucceeds();
		await cluster.restartedSince(running, servers);
	},
};
