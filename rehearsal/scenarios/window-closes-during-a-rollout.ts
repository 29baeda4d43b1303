import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "./scenario.ts";
import { firstServer, secondServer, servers } from "./support/cluster.ts";
import { holdPod } from "./support/held-pod.ts";

export const windowClosesDuringARollout: Scenario = {
	name: "window-closes-during-a-rollout",
	description:
		"The maintenance window closes while the first server drains: the rollout ends after it, and goes on when the window is open.",
	outage: "none",

	async run(cluster) {
		const held = await holdPod(cluster);
		const before = await cluster.processes();
		const { window, closes } = await windowThatCloses();
		const waiting = cluster.says(held.waiting);
		const refused = cluster.upFails(cluster.changeOfServers({ maintenanceWindow: window }));
		await waiting;
		await sleep(Math.max(0, closes - Date.now()) + 1000);
		await held.letGo();
		assert.match(
			await refused,
			new RegExp(
				`${secondServer}-converge: cluster\\.maintenanceWindow is closed and opens on .*; this node was not changed`,
			),
		);
		await cluster.restartedSince(before, [firstServer]);
		assert.deepEqual(await cluster.cordoned(), []);
		const running = await cluster.processes();
		await cluster.upSucceeds({ cluster: { maintenanceWindow: null } });
		await cluster.restartedSince(
			running,
			servers.filter((server) => server !== firstServer),
		);
	},
};

const dayMilliseconds = 86_400_000;

/** Open for one to two minutes more, in which the first server begins to drain. */
async function windowThatCloses(): Promise<{ window: object; closes: number }> {
	const now = Date.now();
	const closes = (Math.floor(now / 60_000) + 2) * 60_000;
	const clock = (time: number) => new Date(time).toISOString().slice(11, 16);
	// A window opens and closes on one day.
	const midnight = Math.floor(closes / dayMilliseconds) * dayMilliseconds;
	if (now < midnight) {
		await sleep(midnight - now);
		return windowThatCloses();
	}
	const opened = Math.max(closes - 3_600_000, midnight);
	const weekday = new Date(opened).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }).toLowerCase();
	return { window: { weekday, start: clock(opened), end: clock(closes) }, closes };
}
