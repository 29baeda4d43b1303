import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { complaints } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers } from "./support/cluster.ts";

/** etcd of one member answers for some seconds, and for some seconds it does not. */
const seconds = { away: 2, there: 4 };

export const flappingMember: Scenario = {
	name: "flapping-member",
	description:
		"etcd of one server answers now and then during a rollout: `up` waits, or stops, and goes on when the server is well.",
	// Two of three members have no quorum while one of them is away.
	outage: "allowed",

	async run(cluster) {
		const flapping = await cluster.bystander(firstServer);
		let ended = false;
		const flap = async () => {
			while (!ended) {
				await cluster.signal(flapping, "STOP", "etcd");
				await sleep(seconds.away * 1000);
				await cluster.signal(flapping, "CONT", "etcd");
				await sleep(seconds.there * 1000);
			}
		};
		const before = await cluster.processes();
		const waiting = cluster.says(new RegExp(`^${firstServer}: converge: draining`));
		const running = cluster.up(cluster.changeOfServers());
		await waiting;
		const flaps = flap();
		// It is awaited after the operation.
		flaps.catch(() => undefined);
		const up = await running.finally(() => {
			ended = true;
		});
		await flaps;
		await cluster.becomesHealthy();
		if (!up.succeeded) {
			assert.match(complaints(up), /^proj-k8sm0\d-converge: /m);
			await cluster.upSucceeds();
		}
		await cluster.restartedSince(before, servers);
		assert.deepEqual(await cluster.cordoned(), []);
	},
};
