/** The scenarios that show most for their time, in one datacenter. `npm run rehearse -- --scenario all` runs all of them. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crashSweep } from "../../rehearsal/scenarios/crash-sweep.ts";
import { memberFailsDuringADrain } from "../../rehearsal/scenarios/member-fails-during-a-drain.ts";
import { noOpRun } from "../../rehearsal/scenarios/no-op-run.ts";
import { rolloutOfASetting } from "../../rehearsal/scenarios/rollout-of-a-setting.ts";
import { ScenarioCluster } from "../../rehearsal/scenarios/support/cluster.ts";
import { describeResult, runScenario } from "../../rehearsal/scenarios/support/run-scenario.ts";

let cluster: ScenarioCluster;

beforeAll(async () => {
	cluster = await ScenarioCluster.open("test-scenarios", () => undefined);
});

afterAll(async () => {
	await cluster.close();
});

// Printed, so that a failure can be run again with `--seed`.
const sampling = { seed: randomInt(2 ** 31), whole: false, say: console.log };

test.each([noOpRun, rolloutOfASetting, memberFailsDuringADrain, crashSweep])(
	"$name: $description",
	async (scenario) => {
		const result = await runScenario(scenario, cluster, sampling);
		console.log([...describeResult(result), `seed ${sampling.seed}`].join("\n"));
		expect(result.problems).toEqual([]);
	},
);
