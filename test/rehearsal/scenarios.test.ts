/** The scenarios that show most for their time, in one datacenter. `npm run rehearse -- --scenario all` runs all of them. */
import { afterAll, beforeAll, expect, test } from "vitest";
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

test.each([noOpRun, rolloutOfASetting, memberFailsDuringADrain])("$name: $description", async (scenario) => {
	const result = await runScenario(scenario, cluster);
	console.log(describeResult(result).join("\n"));
	expect(result.problems).toEqual([]);
});
