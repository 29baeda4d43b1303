import assert from "node:assert/strict";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type FaultRound, faultRounds } from "./faults/points.ts";
import { runRound } from "./faults/round.ts";
import type { Scenario } from "./scenario.ts";
import type { ScenarioCluster } from "./support/cluster.ts";
import { hasEnded } from "./support/has-ended.ts";

/** `up` succeeds in spite of each fault or says where it ended, and goes on by one more `up`. */
export const faultSweep: Scenario = {
	name: "fault-sweep",
	description:
		"Machines, another server, the mirror or Proxmox fail at the steps of an upgrade or a replacement: `up` says where, and one more goes on.",
	outage: "allowed",

	async run(cluster, { seed, whole, say }) {
		const all = faultRounds();
		const rounds = whole ? all : [all[uniformInt(xoroshiro128plus(seed), 0, all.length - 1)]!];
		const problems: string[] = [];
		let points = 0;
		for (const round of rounds) {
			const left = await runRoundOrSay(cluster, round, say, problems);
			points += round.points.length - left.points.length;
			if (left.points.length > 0) {
				rounds.push(left);
			}
		}
		say(`faults: ${points}`);
		assert.deepEqual(problems, []);
	},
};

/**
 * One problem does not end the sweep, as long as an undisturbed `up` sets the cluster right.
 *
 * @returns the points that need another round
 */
async function runRoundOrSay(
	cluster: ScenarioCluster,
	{ operation, points }: FaultRound,
	say: (line: string) => void,
	problems: string[],
): Promise<FaultRound> {
	const began = Date.now();
	const waiting = new Set(points);
	say(`${operation} with ${points.length} faults`);
	try {
		return { operation, points: await runRound(cluster, { operation, points }, say, waiting) };
	} catch (error) {
		const problem = `${operation}: ${error instanceof Error ? error.message : error}`;
		say(`  problem: ${problem}`);
		problems.push(problem);
		await cluster.upSucceeds();
		await hasEnded(cluster);
		// Without progress another round would end in the same way.
		return { operation, points: waiting.size < points.length ? [...waiting] : [] };
	} finally {
		say(`  ${Math.round((Date.now() - began) / 1000)} s`);
	}
}
