/** The options of the Proxmox datacenter in the stack file, evaluated by the pack. */

import { apply as mergePatch } from "tiny-merge-patch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Declared, previewStack } from "../../../compliance/evaluation/preview.ts";
import { labValues } from "../../fixtures/lab.ts";
import { PolicyRunner } from "./policy-runner.ts";

const datacenter = {
	proxmox: {
		version: 9,
		pool: "astronomy-lab",
		backup: { storage: "pbs01", retention: { keepDaily: 14 } },
		highAvailability: true,
		sharedVmDatastore: true,
		startOrder: true,
		firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] },
	},
};

let runner: PolicyRunner;
let lab: Declared[];

beforeAll(async () => {
	runner = await PolicyRunner.start();
	lab = await previewStack(mergePatch(labValues(), datacenter) as Record<string, unknown>);
}, 60_000);
afterAll(() => runner?.stop());

test("no rule is violated or undecided when every option of the datacenter is on", { timeout: 60_000 }, async () => {
	const types = new Set(lab.map(({ type }) => type.split(":").at(-1)));
	expect([...types]).toEqual(expect.arrayContaining(["PoolLegacy", "Membership", "Job", "Haresource", "Harule"]));
	const ofResources = await Promise.all(lab.map((resource) => runner.analyze(resource)));
	expect(ofResources.flat()).toEqual([]);
	const ofStack = await runner.analyzeStack(lab);
	expect(ofStack.filter(({ policyname }) => policyname !== "accepted-exceptions")).toEqual([]);
});
