/** A policy configuration with a mistake: found by the command, and refused by the pack. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PolicyPackConfig } from "@pulumi/policy";
import { EnforcementLevel } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkConfiguration } from "../../../compliance/commands/check.ts";
import { profileNames, readProfile } from "../../../policies/profiles/index.ts";
import { PolicyRunner } from "./policy-runner.ts";

const timeout = 60_000;
const today = "2026-12-01";
const reason = "Measured and accepted.";

function mistakes(config: unknown): string[] {
	const text = typeof config === "string" ? config : JSON.stringify(config);
	return checkConfiguration(text, today).map(({ key, message }) => `${key} ${message}`);
}

describe("the check of a policy configuration has one sentence for", () => {
	test.each<[what: string, config: unknown, sentence: string]>([
		[
			"an unknown policy",
			{ "kubernetes-secomp": "mandatory" },
			"kubernetes-secomp is not a policy of the pack (did you mean kubernetes-seccomp?).",
		],
		[
			"a policy of another pack",
			{ "no-public-buckets": "mandatory" },
			"no-public-buckets is not a policy of the pack.",
		],
		[
			"an unknown level",
			{ "rke2-cni": "mandatry" },
			'rke2-cni is "mandatry"; allowed are advisory, mandatory, disabled (did you mean mandatory?).',
		],
		[
			"an unknown level in an object",
			{ "rke2-cni": { enforcementLevel: true } },
			"rke2-cni.enforcementLevel is true; allowed are advisory, mandatory, disabled.",
		],
		[
			"remediate where nothing can be changed",
			{ "rke2-cni": "remediate" },
			'rke2-cni is "remediate", but the policy cannot correct anything; allowed are advisory, mandatory, disabled.',
		],
		[
			"a misspelt setting",
			{ "rke2-cni": { exeptions: [] } },
			"rke2-cni.exeptions is not a setting (did you mean exceptions?); allowed are enforcementLevel, exceptions, profileLevel.",
		],
		[
			"a level that is a number",
			{ "rke2-cni": 1 },
			"rke2-cni is 1; give one of advisory, mandatory, remediate, disabled, or an object with it.",
		],
		[
			"a profile level that the benchmark does not have",
			{ "kubernetes-capabilities": { profileLevel: 3 } },
			"kubernetes-capabilities.profileLevel is 3; the only allowed value is 1.",
		],
		[
			"a profile level for controls of one level",
			{ "rke2-cni": { profileLevel: 1 } },
			"rke2-cni.profileLevel is 1, but the policy decides no controls of both levels; remove it.",
		],
		[
			"exceptions for every policy at once",
			{ all: { exceptions: [] } },
			"all.exceptions is not a setting; allowed are enforcementLevel.",
		],
		[
			"exceptions that are not a list",
			{ "rke2-cni": { exceptions: {} } },
			"rke2-cni.exceptions is an object; give a list.",
		],
		[
			"an exception without a reason",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", expires: "2027-01-01" }] } },
			"rke2-cni.exceptions[0].reason is missing; it has to be why the violation is acceptable, in one line of 10 letters or more.",
		],
		[
			"a reason of several lines",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", reason: `${reason}\n- more`, expires: "2027-01-01" }] } },
			'rke2-cni.exceptions[0].reason is "Measured and accepted.\\n- more"; it has to be why the violation is acceptable, in one line of 10 letters or more.',
		],
		[
			"an exception until a day that never comes",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", reason, expires: "2027-02-30" }] } },
			'rke2-cni.exceptions[0].expires is "2027-02-30"; it has to be the last day of the exception, as YYYY-MM-DD, no more than 2 years ahead.',
		],
		[
			"an exception without an end",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", reason, expires: "9999-12-31" }] } },
			'rke2-cni.exceptions[0].expires is "9999-12-31"; it has to be the last day of the exception, as YYYY-MM-DD, no more than 2 years ahead.',
		],
		[
			"an exception for everything",
			{ "rke2-cni": { exceptions: [{ resource: "*", reason, expires: "2027-01-01" }] } },
			'rke2-cni.exceptions[0].resource is "*"; it has to be the name of a resource, or `Kind namespace/name` of an object, with 4 letters or more beside *.',
		],
		[
			"an exception for almost everything",
			{ "rke2-cni": { exceptions: [{ resource: "*c*n *e*", reason, expires: "2027-01-01" }] } },
			'rke2-cni.exceptions[0].resource is "*c*n *e*"; it has to be the name of a resource, or `Kind namespace/name` of an object, with 4 letters or more beside *.',
		],
		[
			"an exception for every machine of a role",
			{ "vm-firewall": { exceptions: [{ role: "worker", reason, expires: "2027-01-01" }] } },
			"vm-firewall.exceptions[0] names neither a resource nor a setting; give one of them.",
		],
		[
			"an exception for an unknown role",
			{
				"vm-firewall": {
					exceptions: [{ role: "server", setting: "proxmox.firewall.enabled", reason, expires: "2027-01-01" }],
				},
			},
			'vm-firewall.exceptions[0].role is "server"; it has to be the role of a machine: control-plane or worker.',
		],
		[
			"an exception for a setting that the policy does not name",
			{ "vm-firewall": { exceptions: [{ setting: "proxmox.tags", reason, expires: "2027-01-01" }] } },
			'vm-firewall.exceptions[0].setting is "proxmox.tags"; it has to be a key of the stack file that the policy names: proxmox.firewall.enabled.',
		],
		[
			"an exception with the subject of another",
			{
				"rke2-cni": {
					exceptions: [
						{ resource: "*-converge", reason, expires: "2027-01-01" },
						{ resource: "proj-k8sm01-converge", reason, expires: "2027-01-01" },
						{ resource: "*-converge", reason: "Another reason.", expires: "2027-02-01" },
					],
				},
			},
			"rke2-cni.exceptions[2] has the same subject as rke2-cni.exceptions[0]; keep one of them.",
		],
		[
			"a configuration that switches every policy off",
			{ all: "disabled", "rke2-cni": { enforcementLevel: "disabled" }, "accepted-exceptions": "advisory" },
			'all is "disabled", and no policy is switched on: no rule would be evaluated.',
		],
		[
			"an exception for a control of another policy",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", control: "5.2.5", reason, expires: "2027-01-01" }] } },
			'rke2-cni.exceptions[0].control is "5.2.5"; it has to be a control that the policy decides: 5.3.1.',
		],
		[
			"an exception with an unknown member",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", reason, expires: "2027-01-01", until: "later" }] } },
			"rke2-cni.exceptions[0].until is not a setting; allowed are resource, role, setting, control, reason, expires.",
		],
		[
			"an exception that has expired",
			{ "rke2-cni": { exceptions: [{ resource: "*-converge", reason, expires: "2026-11-30" }] } },
			"rke2-cni.exceptions[0] expired on 2026-11-30; correct *-converge, or renew the exception.",
		],
		["a list", [], "the configuration is an empty list; give an object with a member for each policy."],
		[
			"a policy that is named twice",
			'{\n"rke2-cni": "mandatory",\n"rke2-cni": "disabled"\n}',
			"line 3 repeats a key; only the last one counts.",
		],
		[
			"a file that is not JSON",
			"rke2-cni: mandatory",
			expect.stringMatching(/^the file is not JSON, the only format that Pulumi reads: .*\.$/),
		],
	])("%s", (_, config, sentence) => {
		expect(mistakes(config)).toEqual([sentence]);
	});
});

test("the check names every mistake at once", () => {
	const exceptions = [{ resource: "", reason: "short", expires: "tomorrow" }];
	expect(mistakes({ nothing: "mandatory", "rke2-cni": { enforcementLevel: "off", exceptions } })).toHaveLength(5);
});

test("the check finds no mistake in the profiles, in the documented configurations and in an empty one", () => {
	const profiles = profileNames.map((name) => new URL(`../../../policies/profiles/${name}.json`, import.meta.url));
	const documented = readFileSync(new URL("../../../docs/compliance/README.md", import.meta.url), "utf8");
	const examples = [...documented.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => text!);
	expect(examples.length).toBeGreaterThan(1);
	for (const text of [...profiles.map((file) => readFileSync(file, "utf8")), ...examples, "{}"]) {
		expect(mistakes(text), text).toEqual([]);
	}
});

test("policy:check names the file and ends with 1 when it has a mistake", { timeout }, () => {
	const directory = mkdtempSync(join(tmpdir(), "policy-config-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const [good, bad] = [join(directory, "good.json"), join(directory, "bad.json")];
	writeFileSync(good, '{ "rke2-cni": "advisory" }');
	writeFileSync(bad, '{ "rke2-cnii": "advisory" }');
	const command = fileURLToPath(new URL("../../../compliance/commands/check.ts", import.meta.url));
	const { status, stdout, stderr } = spawnSync(process.execPath, [command, good, bad], { encoding: "utf8" });
	expect({ status, stdout, stderr }).toEqual({
		status: 1,
		stdout: `${good}: no mistake found.\n`,
		stderr: `${bad}: rke2-cnii is not a policy of the pack (did you mean rke2-cni?).\n`,
	});
});

test("the pack leaves out violations of level 2 when the profile level is 1", { timeout }, async () => {
	const runner = await PolicyRunner.start(readProfile("cis-level-1"));
	onTestFinished(() => runner.stop());
	const [type, name] = ["kubernetes:core/v1:Pod", "web"];
	const evaluated = async (drop: string[]) => {
		const spec = { containers: [{ name, securityContext: { capabilities: { drop } } }] };
		const inputs = Struct.fromJavaScript({ metadata: { name, namespace: "shop" }, spec });
		const urn = `urn:pulumi:lab::rke2-lab::${type}::${name}`;
		const found = await runner.analyze({ type, name, urn, inputs, ignoreChanges: [], protect: false });
		return found.filter(({ policyname }) => policyname === "kubernetes-capabilities").map(({ message }) => message);
	};
	expect(await evaluated(["NET_RAW"])).toEqual([]);
	expect(await evaluated([])).toEqual([expect.stringContaining("(control 5.2.8)")]);
});

test("the pack refuses keys that Pulumi would ignore, once, at the first resource", { timeout }, async () => {
	const runner = await PolicyRunner.start({
		"rke2-cnii": "disabled",
		"rke2-cni": { enforcementLevel: "mandatory", exeptions: [] },
	} as PolicyPackConfig);
	onTestFinished(() => runner.stop());
	const [type, name] = ["pulumi:pulumi:Stack", "rke2-lab-lab"];
	const urn = `urn:pulumi:lab::rke2-lab::${type}::${name}`;
	const stack = { type, name, urn, inputs: new Struct(), ignoreChanges: [], protect: false };
	const refused = await runner.analyze(stack);
	expect(refused.map(({ policyname, message }) => `${policyname}: ${message.split("\n").at(-1)}`)).toEqual([
		"policy-configuration: rke2-cni.exeptions is not a setting (did you mean exceptions?); allowed are enforcementLevel, exceptions, profileLevel.",
		"policy-configuration: rke2-cnii is not a policy of the pack (did you mean rke2-cni?).",
	]);
	expect(refused.every(({ enforcementlevel }) => enforcementlevel === EnforcementLevel.MANDATORY)).toBe(true);
	expect(await runner.analyze(stack)).toEqual([]);
});
