/** The smallest stack file of examples/ makes a cluster as it is: a newcomer rehearses this one first. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { errors } from "./support/scenario.ts";

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-minimal",
		stack: "minimal",
		file: "examples/Pulumi.minimal.yaml",
		say: () => undefined,
	});
});

afterAll(async () => {
	await rehearsal.close();
});

test("the minimal example comes up with one control plane and one worker", async () => {
	expect(errors(await rehearsal.up())).toEqual([]);
	expect(await rehearsal.verify()).toMatchObject({ nodesReady: 2, etcdVoters: 1, problems: [] });
});
