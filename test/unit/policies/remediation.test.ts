/** The level `remediate`: which fields it sets, which it does not change, and what the pack prints. */
import type { PolicyPackConfig } from "@pulumi/policy";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Declared } from "../../../compliance/evaluation/preview.ts";
import { PolicyRunner } from "./policy-runner.ts";
import { unknown } from "./run-rule.ts";

const label = "pod-security.kubernetes.io/enforce";
const nextYear = `${new Date().getUTCFullYear() + 1}-01-31`;
const exceptions = [{ resource: "Deployment app/excepted", reason: "It is replaced next month.", expires: nextYear }];
const config: PolicyPackConfig = {
	all: "disabled",
	"applied-remediations": "advisory",
	"kubernetes-pod-security": "remediate",
	"kubernetes-seccomp": { enforcementLevel: "remediate", exceptions },
	"kubernetes-service-account-tokens": "remediate",
};

let runner: PolicyRunner;
beforeAll(async () => {
	runner = await PolicyRunner.start(config);
}, 60_000);
afterAll(() => runner?.stop());

type Inputs = Record<string, JavaScriptValue>;

const namespace = "kubernetes:core/v1:Namespace";
const pod = "kubernetes:core/v1:Pod";
const deployment = "kubernetes:apps/v1:Deployment";
const job = "kubernetes:batch/v1:Job";

function declared(type: string, inputs: Inputs): Declared {
	const urn = `urn:pulumi:lab::rke2-lab::${type}::subject`;
	return { type, name: "subject", urn, inputs: Struct.fromJavaScript(inputs), ignoreChanges: [], protect: false };
}

/** The inputs after the last remedy, or nothing where there is none; and what the rules then say. */
async function remediated(type: string, inputs: Inputs) {
	const remedies = await runner.remediate(declared(type, inputs));
	expect(remedies.filter(({ failure }) => failure)).toEqual([]);
	const result = remedies.at(-1)?.inputs?.toJavaScript() as Inputs | undefined;
	const verdict = await runner.analyze(declared(type, result ?? inputs));
	return { result, violated: verdict.map(({ policyname }) => policyname) };
}

const template = (spec: Inputs) => ({ spec: { template: { spec } } });
const metadata = (name: string) => ({ name, namespace: "app" });
const quiet = { serviceAccountName: "app", automountServiceAccountToken: true };
const containers = [{ name: "main", image: "app:1" }];
const profile = { seccompProfile: { type: "RuntimeDefault" } };

describe("remediation sets", () => {
	test.each<[what: string, type: string, given: Inputs, expected: Inputs]>([
		[
			"the label of a namespace that has none",
			namespace,
			{ metadata: { name: "app", labels: { team: "a" } } },
			{ metadata: { name: "app", labels: { team: "a", [label]: "restricted" } } },
		],
		["the label of a namespace that Pulumi names", namespace, {}, { metadata: { labels: { [label]: "restricted" } } }],
		[
			"the label of a namespace in a list",
			"kubernetes:core/v1:NamespaceList",
			{ items: [{ metadata: { name: "a", labels: { [label]: "baseline" } } }, { metadata: { name: "b" } }] },
			{
				items: [
					{ metadata: { name: "a", labels: { [label]: "baseline" } } },
					{ metadata: { name: "b", labels: { [label]: "restricted" } } },
				],
			},
		],
		[
			"the profile of pods whose container names none",
			deployment,
			{ metadata: metadata("app"), ...template({ ...quiet, containers }) },
			{ metadata: metadata("app"), ...template({ ...quiet, containers, securityContext: profile }) },
		],
		[
			"the profile of a job's pods beside what they say already",
			"kubernetes:batch/v1:CronJob",
			{ spec: { jobTemplate: template({ ...quiet, containers, securityContext: { runAsNonRoot: true } }) } },
			{
				spec: { jobTemplate: template({ ...quiet, containers, securityContext: { runAsNonRoot: true, ...profile } }) },
			},
		],
		[
			"the token of the default account",
			"kubernetes:core/v1:ServiceAccount",
			{ metadata: metadata("default") },
			{ metadata: metadata("default"), automountServiceAccountToken: false },
		],
		[
			"the token of pods that run as the default account",
			deployment,
			{ metadata: metadata("app"), ...template({ containers, securityContext: profile }) },
			{
				metadata: metadata("app"),
				...template({ containers, securityContext: profile, automountServiceAccountToken: false }),
			},
		],
	])("%s", async (_, type, given, expected) => {
		expect(await remediated(type, given)).toEqual({ result: expected, violated: [] });
	});

	test("no field that has a value: secrets and unknown values stay as they are", async () => {
		const secret = { [specialSigKey]: specialSecretSig, value: "hunter2" };
		const env = [
			{ name: "PASSWORD", value: secret },
			{ name: "ADDRESS", value: unknown },
		];
		const container = { name: "main", image: "app:1", env };
		const given = template({ ...quiet, containers: [container] });
		const [remedy] = await runner.remediate(declared(deployment, given));
		expect(remedy?.inputs?.toJavaScript()).toEqual(
			template({ ...quiet, containers: [container], securityContext: profile }),
		);
	});
});

describe("remediation does not change, and the rule blocks,", () => {
	const tokens = "kubernetes-service-account-tokens";
	test.each<[what: string, type: string, given: Inputs, policy: string]>([
		[
			"a namespace that asks for more",
			namespace,
			{ metadata: { name: "app", labels: { [label]: "privileged" } } },
			"kubernetes-pod-security",
		],
		[
			"a pod that switches the filter off",
			deployment,
			template({ ...quiet, containers, securityContext: { seccompProfile: { type: "Unconfined" } } }),
			"kubernetes-seccomp",
		],
		["a Pod, which would be deleted for it", pod, { spec: { ...quiet, containers } }, "kubernetes-seccomp"],
		["a Job, which would run again", job, template({ ...quiet, containers }), "kubernetes-seccomp"],
		[
			"the token of a Job, which would run again",
			job,
			template({ containers, securityContext: profile }),
			"kubernetes-service-account-tokens",
		],
		[
			"a container that switches the filter off",
			deployment,
			template({
				...quiet,
				containers: [{ ...containers[0]!, securityContext: { seccompProfile: { type: "Unconfined" } } }],
			}),
			"kubernetes-seccomp",
		],
		[
			"a patch that switches the filter off",
			"kubernetes:core/v1:PodPatch",
			{
				spec: {
					containers: [
						{ ...containers[0]!, securityContext: { seccompProfile: { type: "Unconfined" } } },
						{ name: "other" },
					],
				},
			},
			"kubernetes-seccomp",
		],
		["pods for Windows", deployment, template({ ...quiet, os: { name: "windows" }, containers }), "kubernetes-seccomp"],
		[
			"labels that are not known yet",
			namespace,
			{ metadata: { name: "app", labels: unknown } },
			"kubernetes-pod-security",
		],
		["a namespace whose name is not known yet", namespace, { metadata: { name: unknown } }, "kubernetes-pod-security"],
		["the token of another account", "kubernetes:core/v1:ServiceAccount", { metadata: metadata("app") }, tokens],
		[
			"the token of pods that run as another account",
			deployment,
			template({ serviceAccountName: "app", containers, securityContext: profile }),
			tokens,
		],
		[
			"a default account that asks for its token",
			"kubernetes:core/v1:ServiceAccountPatch",
			{ metadata: metadata("default"), automountServiceAccountToken: true },
			tokens,
		],
	])("%s", async (_, type, given, policy) => {
		expect(await remediated(type, given)).toEqual({ result: undefined, violated: [policy] });
	});

	test("an object under an exception, which does not block", async () => {
		const given = { metadata: metadata("excepted"), ...template({ ...quiet, containers }) };
		expect(await remediated(deployment, given)).toEqual({ result: undefined, violated: [] });
	});
});

test("the pack prints each field that it changed", async () => {
	const printed = (await runner.analyzeStack([]))
		.filter(({ policyname }) => policyname === "applied-remediations")
		.map(({ message }) => message);
	expect(printed.join("\n")).toContain(
		`kubernetes-pod-security sets metadata.labels.${label} of Namespace app to "restricted".`,
	);
	expect(printed.join("\n")).toContain(
		'kubernetes-seccomp sets spec.template.spec.securityContext.seccompProfile of Deployment app/app to {"type":"RuntimeDefault"}.',
	);
	expect(printed.join("\n")).not.toContain("hunter2");
});
