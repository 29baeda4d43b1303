/** Stack files of examples/ make a cluster as they are: a newcomer rehearses one of them first. */
import { afterEach, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { errors } from "./support/scenario.ts";

let rehearsal: Rehearsal | undefined;

afterEach(async () => {
	await rehearsal?.close();
});

async function open(stack: string): Promise<Rehearsal> {
	rehearsal = await Rehearsal.open({
		name: `test-${stack}`,
		stack,
		file: `examples/Pulumi.${stack}.yaml`,
		say: () => undefined,
	});
	return rehearsal;
}

test("the minimal example comes up with one control plane and one worker", async () => {
	const cluster = await open("minimal");
	expect(errors(await cluster.up())).toEqual([]);
	expect(await cluster.verify()).toMatchObject({ nodesReady: 2, etcdVoters: 1, problems: [] });
});

test("a lab with other names, no MetalLB, no GPU and an authority of its own comes up, and a preview is empty", async () => {
	const cluster = await open("homelab");
	expect(errors(await cluster.up())).toEqual([]);
	expect(await cluster.verify()).toMatchObject({ nodesReady: 5, etcdVoters: 3, problems: [] });
	expect(changeCount(await cluster.preview())).toBe(0);
});
