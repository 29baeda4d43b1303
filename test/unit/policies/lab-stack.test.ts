/** The first preview of the lab: the unmodified program, from nothing, under the pack in Pulumi's own policy runner. */
import { EnforcementLevel } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { type Declared, previewStack } from "../../../compliance/evaluation/preview.ts";
import { bundleOf } from "../../../policies/lib/rke2/files.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { labValues } from "../../fixtures/lab.ts";
import { PolicyRunner } from "./policy-runner.ts";

let runner: PolicyRunner;
let lab: Declared[];

beforeAll(async () => {
	runner = await PolicyRunner.start();
	lab = await previewStack(labValues());
}, 60_000);
afterAll(() => runner?.stop());

test("no rule is violated or undecided, and the pack prints every exception of the profile as used", async () => {
	expect(lab.length).toBeGreaterThan(100);
	const ofResources = await Promise.all(lab.map((resource) => runner.analyze(resource)));
	expect(ofResources.flat()).toEqual([]);

	const ofStack = await runner.analyzeStack(lab);
	const excepted = Object.entries(readProfile("lab")).filter(([, config]) => typeof config === "object");
	expect(ofStack.map(({ policyname, enforcementlevel }) => [policyname, enforcementlevel])).toEqual(
		excepted.map(() => ["accepted-exceptions", EnforcementLevel.ADVISORY]),
	);
	expect(ofStack.map(({ message }) => message).join("\n")).not.toContain("covers nothing");
});

// Without this test, a rule that looks for a wrong type would pass for ever.
test("the rules recognise the resources that the program declares", async () => {
	const violated = async (policy: string, kept: (resource: Declared) => boolean) =>
		(await runner.analyzeStack(lab.filter(kept))).filter(({ policyname }) => policyname === policy);
	const open = await violated("kubernetes-default-deny", ({ type }) => !type.endsWith(":NetworkPolicy"));
	const namespaces = lab.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
	expect(open.map(({ urn }) => urn)).toEqual(namespaces.map(({ urn }) => urn));

	const unconfigured = await violated("rke2-config-on-every-node", ({ name }) => !name.endsWith("-converge"));
	const machines = lab.filter(({ type }) => type === "proxmoxve:index/vmLegacy:VmLegacy");
	expect(machines).toHaveLength(8);
	expect(unconfigured.map(({ urn }) => urn)).toEqual(machines.map(({ urn }) => urn));
});

// In a later preview the rules see only the input of the day on which these ran, which cannot change any more.
test("the seed and the joins carry the same files as the convergence of the node, which the rules evaluate", () => {
	const carried = (name: string) => bundleOf(toResource(lab.find((resource) => resource.name === name)!));
	const joins = lab.map(({ name }) => name).filter((name) => name.endsWith("-join"));
	expect(joins).toHaveLength(8);
	for (const join of joins) {
		expect(carried(join)).toEqual(carried(join.replace("-join", "-converge")));
	}
	expect(carried("cluster-seed")).toEqual(carried("proj-k8sm01-converge"));
	expect(carried("cluster-seed")).not.toEqual([]);
});
