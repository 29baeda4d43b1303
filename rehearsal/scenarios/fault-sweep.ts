import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EngineStep } from "../engine/engine.ts";
import { complaints } from "../report/complaints.ts";
import { describePoint, type FaultPoint, faultPoints, operations } from "./faults/points.ts";
import type { Scenario } from "./scenario.ts";
import type { Change, ScenarioCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { hasEnded } from "./support/has-ended.ts";

/** Points of a sample. Each takes two minutes. */
const sampled = 2;

/** An error names the node and its step, or the machine, which has the node's name. */
const namesItsPlace = /^proj-k8s[mw]0\d(-[a-z-]+)?: /m;

/** `up` succeeds in spite of each fault or says where it ended, and goes on by one more `up`. */
export const faultSweep: Scenario = {
	name: "fault-sweep",
	description:
		"Machines, another server, the mirror or Proxmox fail at a step of an upgrade or a replacement: `up` says where, and one more goes on.",
	outage: "allowed",

	async run(cluster, { seed, whole, say }) {
		const points = faultPoints();
		for (const point of whole ? points : sampleOf(points, seed)) {
			say(describePoint(point));
			await fail(cluster, point, say);
		}
	},
};

function sampleOf(points: FaultPoint[], seed: number): FaultPoint[] {
	const random = xoroshiro128plus(seed);
	return Array.from({ length: sampled }, () => points.splice(uniformInt(random, 0, points.length - 1), 1)[0]!);
}

async function fail(cluster: ScenarioCluster, point: FaultPoint, say: (line: string) => void): Promise<void> {
	const change = await operations[point.operation](cluster);
	const { failed, began } = await upWithFault(cluster, change, point);
	assert.ok(began, `${describePoint(point)}: the step did not come`);
	if (failed === undefined) {
		say("  `up` succeeded all the same");
	} else {
		say(`  ${failed.split("\n")[0]}`);
		assert.match(failed, namesItsPlace, `${describePoint(point)}: the error names no node`);
		await answer(cluster);
		await cluster.upSucceeds();
	}
	await hasEnded(cluster);
}

/** @returns the errors, if `up` failed, and whether the fault came */
async function upWithFault(
	cluster: ScenarioCluster,
	change: Change,
	{ fault, node, step }: FaultPoint,
): Promise<{ failed?: string; began: boolean }> {
	let mended: Promise<unknown> | undefined;
	let ended: () => void = () => undefined;
	const end = new Promise<void>((resolve) => {
		ended = resolve;
	});
	const begin = async () => {
		const mend = await fault.begin(cluster, node);
		await (fault.seconds === undefined ? end : sleep(fault.seconds * 1000));
		await mend();
	};
	const start = () => {
		mended ??= begin();
		// It is awaited after the operation.
		mended.catch(() => undefined);
	};
	cluster.onStep = ({ urn, phase }: EngineStep) => {
		if (phase === "started" && urn.endsWith(`::${step}`)) {
			start();
		}
	};
	const running = cluster.up(change);
	if (step === undefined) {
		start();
	}
	const up = await running;
	cluster.onStep = undefined;
	ended();
	await mended;
	return { began: mended !== undefined, ...(up.succeeded ? {} : { failed: complaints(up) }) };
}

/** An administrator looks after the machines first. A node that the operation has taken out stays away until the next `up`. */
async function answer({ rehearsal }: ScenarioCluster): Promise<void> {
	await eventually(async () => {
		await Promise.all(Object.keys(rehearsal.stack.nodes).map((node) => rehearsal.onNode(node, "true")));
	}, 60).catch(() => undefined);
}
