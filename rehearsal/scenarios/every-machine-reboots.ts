import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { servers, workers } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";

/** A machine shuts down and boots. */
const rebootSeconds = 120;

export const everyMachineReboots: Scenario = {
	name: "every-machine-reboots",
	description:
		"One machine after another reboots, as after updates of the system: each comes back by itself, and `up` changes nothing.",
	outage: "allowed",

	async run(cluster) {
		for (const node of [...servers, ...workers]) {
			const before = (await cluster.processes())[node];
			await cluster.power(node, "reboot");
			await eventually(async () => {
				const now = (await cluster.processes())[node];
				assert.ok(now !== "" && now !== "0" && now !== before, `RKE2 of ${node} is the process of before`);
			}, rebootSeconds);
			await cluster.becomesHealthy();
		}
		const before = await cluster.processes();
		await cluster.upSucceeds();
		await cluster.restartedSince(before, []);
	},
};
