/** The first preview of the lab: the unmodified program, from nothing, under the pack in Pulumi's own policy runner. */
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { MockMonitor, setMocks } from "@pulumi/pulumi/runtime/mocks.js";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { labValues } from "../unit/config/lab.ts";
import { type Declared, PolicyRunner } from "./policy-runner.ts";

const secrets = {
	proxmoxApiToken: "pulumi@pve!lab=00000000-0000-0000-0000-000000000000",
	clusterToken: "0123456789abcdef0123456789abcdef",
	cloudflareApiToken: "hunter2",
};

let runner: PolicyRunner;
let lab: Declared[];

beforeAll(async () => {
	[runner, lab] = await Promise.all([PolicyRunner.start(), preview()]);
}, 60_000);
afterAll(() => runner?.stop());

/** What the program asks for when nothing exists: whatever a resource would compute is unknown. */
async function preview(): Promise<Declared[]> {
	const declared: Declared[] = [];
	const register = MockMonitor.prototype.registerResource;
	vi.spyOn(MockMonitor.prototype, "registerResource").mockImplementation(function (
		this: MockMonitor,
		request,
		respond,
	) {
		const [type, name] = [request.getType(), request.getName()];
		if (request.getCustom()) {
			declared.push({
				type,
				name,
				urn: `urn:pulumi:lab::rke2-lab::${type}::${name}`,
				inputs: request.getObject() ?? new Struct(),
				ignoreChanges: request.getIgnorechangesList(),
			});
		}
		return register.call(this, request, respond);
	});
	await setMocks({ newResource: () => ({ id: undefined, state: {} }), call: () => ({}) }, "rke2-lab", "lab", true);
	const values = Object.entries({ ...labValues(), ...secrets });
	setAllConfig(
		Object.fromEntries(
			values.map(([key, value]) => [`rke2-lab:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
		),
	);
	await import("../../src/index.ts");
	await disconnect();
	return declared;
}

test("no rule is violated, and none is left undecided", async () => {
	expect(lab.length).toBeGreaterThan(100);
	const ofResources = await Promise.all(lab.map((resource) => runner.analyze(resource)));
	expect(ofResources.flat()).toEqual([]);
	expect(await runner.analyzeStack(lab)).toEqual([]);
});

// Beside the one above, or a rule that looks for the wrong type would hold for ever.
test("the rules recognise what the program declares", async () => {
	const without = (kept: (resource: Declared) => boolean) => runner.analyzeStack(lab.filter(kept));
	const open = await without(({ type }) => !type.endsWith(":NetworkPolicy"));
	const namespaces = lab.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
	expect(open.map(({ policyname, urn }) => [policyname, urn])).toEqual(
		namespaces.map(({ urn }) => ["kubernetes-default-deny", urn]),
	);

	const unconfigured = await without(({ name }) => !name.endsWith("-converge"));
	const machines = lab.filter(({ type }) => type === "proxmoxve:index/vmLegacy:VmLegacy");
	expect(machines).toHaveLength(8);
	expect(unconfigured.map(({ policyname, urn }) => [policyname, urn])).toEqual(
		machines.map(({ urn }) => ["rke2-config-on-every-node", urn]),
	);
});
