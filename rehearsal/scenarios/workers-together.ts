import assert from "node:assert/strict";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { EngineStep } from "../engine/engine.ts";
import type { Scenario } from "./scenario.ts";
import { firstWorker, secondWorker } from "./support/cluster.ts";
import { thirdWorker, withoutThirdWorker, withThirdWorker } from "./support/third-worker.ts";

export const workersTogether: Scenario = {
	name: "workers-together",
	description:
		"With `maxUnavailableWorkers` of two, a setting reaches the first worker alone and then two at the same time.",
	outage: "none",

	async run(cluster) {
		await cluster.upSucceeds({ ...withThirdWorker(cluster), cluster: { maxUnavailableWorkers: 2 } });

		const steps: EngineStep[] = [];
		cluster.onStep = (step) => steps.push(step);
		await cluster.upSucceeds(cluster.changeOfAllNodes());
		cluster.onStep = undefined;
		const [first, second, third] = [firstWorker, secondWorker, thirdWorker].map((worker) => spanOf(worker, steps));
		assert.ok(
			first!.end <= Math.min(second!.start, third!.start),
			"another worker began before the first one was done",
		);
		assert.ok(
			Math.max(second!.start, third!.start) < Math.min(second!.end, third!.end),
			"the second and the third worker did not change at the same time",
		);
		assert.deepEqual(await cluster.cordoned(), []);

		await cluster.upSucceeds({ ...withoutThirdWorker, cluster: { maxUnavailableWorkers: null } });
	},
};

/** Milliseconds since the operation began. */
interface Span {
	start: number;
	end: number;
}

function spanOf(worker: string, steps: readonly EngineStep[]): Span {
	const ofWorker = steps.filter(({ urn }) => urn.endsWith(`::${nodeStepName(worker, "converge")}`));
	const at = (phase: EngineStep["phase"]) => ofWorker.find((step) => step.phase === phase)?.at;
	const [start, end] = [at("started"), at("succeeded")];
	assert.ok(start !== undefined && end !== undefined, `${worker} did not change`);
	return { start, end };
}
