import { EnforcementLevel, PolicySeverity } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Declared } from "../../../compliance/evaluation/preview.ts";
import { rules } from "../../../policies/rules/index.ts";
import { PolicyRunner } from "./policy-runner.ts";
import { unknown } from "./run-rule.ts";

let runner: PolicyRunner;
beforeAll(async () => {
	runner = await PolicyRunner.start();
});
afterAll(() => runner?.stop());

function declared(type: string, name: string, inputs: Record<string, JavaScriptValue>): Declared {
	const urn = `urn:pulumi:lab::rke2-lab::${type}::${name}`;
	return { type, name, urn, inputs: Struct.fromJavaScript(inputs), ignoreChanges: [], protect: false };
}

test("the pack serves every rule as mandatory except those that warn, and its printing policies as advisory", async () => {
	const { name, policiesList } = await runner.info();
	expect(name).toBe("rke2-lab");
	const mandatory = policiesList.filter(({ enforcementlevel }) => enforcementlevel === EnforcementLevel.MANDATORY);
	const blocking = rules.filter(({ level }) => level === undefined).map(({ name }) => name);
	expect(mandatory.map(({ name }) => name)).toEqual(["policy-configuration", ...blocking]);
	const others = policiesList
		.filter((policy) => !mandatory.includes(policy))
		.map(({ name, enforcementlevel }) => [name, enforcementlevel]);
	expect(others).toEqual([
		["vm-quorum-on-one-host", EnforcementLevel.ADVISORY],
		["vm-equal-machines", EnforcementLevel.ADVISORY],
		["applied-remediations", EnforcementLevel.ADVISORY],
		["accepted-exceptions", EnforcementLevel.ADVISORY],
	]);
});

test("a policy has its controls with the version of the benchmark", async () => {
	const { policiesList } = await runner.info();
	expect(policiesList.find(({ name }) => name === "kubernetes-default-deny")).toMatchObject({
		severity: PolicySeverity.POLICY_SEVERITY_HIGH,
		framework: { name: "CIS Kubernetes", version: "v1.12", reference: "5.3.2" },
		tagsList: expect.arrayContaining(["cis-controls-v8.1:13.4", "iso-27001-2022:A.8.22", "nist-800-53-r5:SC-7"]),
		remediationSteps: expect.stringContaining("NetworkPolicy"),
	});
});

test("a violation blocks the resource", async () => {
	const hostpcis = [{ device: "hostpci0", id: "0000:0b:00" }];
	const found = await runner.analyze(declared("proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sw04", { hostpcis }));
	expect(found.filter(({ policyname }) => policyname === "vm-gpu-by-mapping")).toMatchObject([
		{
			policyname: "vm-gpu-by-mapping",
			enforcementlevel: EnforcementLevel.MANDATORY,
			message: expect.stringContaining("Machine proj-k8sw04 passes hostpci0 through by PCI id"),
		},
	]);
});

test("a value that is unknown at preview blocks the resource", async () => {
	const release = declared("kubernetes:helm.sh/v3:Release", "traefik", {
		chart: "traefik",
		repositoryOpts: { repo: "https://traefik.github.io/charts" },
		namespace: "traefik",
		version: unknown,
	});
	const found = await runner.analyze(release);
	expect(found.filter(({ policyname }) => policyname === "helm-exact-version")).toMatchObject([
		{
			policyname: "helm-exact-version",
			enforcementlevel: EnforcementLevel.MANDATORY,
			message: expect.stringContaining("version is not known at preview"),
		},
	]);
});

test("a rule across resources reads the inputs when the outputs are empty", async () => {
	const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
	const namespace = declared("kubernetes:core/v1:Namespace", "monitoring", {
		metadata: { name: "monitoring", labels },
	});
	const evaluated = async (resources: Declared[]) =>
		(await runner.analyzeStack(resources)).filter(({ policyname }) => policyname === "kubernetes-default-deny");
	await runner.analyze(namespace);
	expect(await evaluated([namespace])).toMatchObject([
		{
			policyname: "kubernetes-default-deny",
			enforcementlevel: EnforcementLevel.MANDATORY,
			message: expect.stringContaining("Namespace monitoring has no NetworkPolicy"),
			urn: namespace.urn,
		},
	]);

	const policy = declared("kubernetes:networking.k8s.io/v1:NetworkPolicy", "monitoring-default-deny", {
		metadata: { namespace: "monitoring" },
		spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
	});
	await runner.analyze(policy);
	expect(await evaluated([namespace, policy])).toEqual([]);
});

const nothingElse = { all: "disabled", "kubernetes-load-balancers": "mandatory" } as const;
const loadBalancer = declared("kubernetes:core/v1:Service", "app", {
	metadata: { name: "app", namespace: "app" },
	spec: { type: "LoadBalancer" },
});

test.each([nothingElse, { ...nothingElse, "vm-autostart": "mandatory", "rke2-profile-cis": "mandatory" } as const])(
	"a rule across resources reads the inputs when few other policies are enabled: %j",
	async (config) => {
		const alone = await PolicyRunner.start(config);
		onTestFinished(() => alone.stop());
		expect(await alone.analyze(loadBalancer)).toEqual([]);
		expect(await alone.analyzeStack([loadBalancer])).toMatchObject([
			{ policyname: "kubernetes-load-balancers", message: expect.stringContaining("asks for a load balancer") },
		]);
	},
);

test("a rule across resources leaves out a resource that the program does not declare", async () => {
	const alone = await PolicyRunner.start(nothingElse);
	onTestFinished(() => alone.stop());
	expect(await alone.analyzeStack([loadBalancer])).toEqual([]);
});

test("the pack names unused exceptions of rules without resources, and none of rules that are off", async () => {
	const exceptions = [{ resource: "proj-k8sw09", reason: "It starts by hand.", expires: "2027-01-01" }];
	const configured = await PolicyRunner.start({
		"vm-autostart": { enforcementLevel: "mandatory", exceptions },
		"vm-network": { enforcementLevel: "disabled", exceptions },
	});
	onTestFinished(() => configured.stop());
	const printed = (await configured.analyzeStack([])).map(({ message }) => message).join("\n");
	expect(printed).toContain("vm-autostart has an exception for proj-k8sw09 that covers nothing; remove it.");
	expect(printed).not.toContain("vm-network");
});
