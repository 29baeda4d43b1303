/** The pack under the official policy runner, asked over the wire as the engine asks it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules/index.ts";

const pack = fileURLToPath(new URL("../../policies", import.meta.url));
let runner: ChildProcess;
let client: AnalyzerClient;

beforeAll(async () => {
	const program = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
	runner = spawn(process.execPath, [program, "127.0.0.1:1", pack], { cwd: pack, stdio: ["ignore", "pipe", "inherit"] });
	const [port] = await once(createInterface({ input: runner.stdout! }), "line");
	client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
	client?.close();
	runner?.kill();
});

function call<Response>(send: (callback: (error: ServiceError | null, response: Response) => void) => void) {
	return new Promise<Response>((resolve, reject) => {
		send((error, response) => (error ? reject(error) : resolve(response)));
	});
}

const urn = (type: string, name: string) => `urn:pulumi:lab::rke2-lab::${type}::${name}`;

async function analyze(type: string, name: string, properties: Record<string, unknown>) {
	const request = new analyzer.AnalyzeRequest()
		.setType(type)
		.setName(name)
		.setUrn(urn(type, name))
		.setProperties(Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]))
		.setOptions(new analyzer.AnalyzerResourceOptions());
	const response = await call<analyzer.AnalyzeResponse>((callback) => client.analyze(request, callback));
	return response.getDiagnosticsList().map((diagnostic) => diagnostic.toObject());
}

/** As on the first preview, when the provider's configuration is unknown: all outputs are empty. */
async function analyzeStack(...resources: { type: string; name: string }[]) {
	const request = new analyzer.AnalyzeStackRequest().setResourcesList(
		resources.map(({ type, name }) =>
			new analyzer.AnalyzerResource()
				.setType(type)
				.setName(name)
				.setUrn(urn(type, name))
				.setProperties(new Struct())
				.setOptions(new analyzer.AnalyzerResourceOptions()),
		),
	);
	const response = await call<analyzer.AnalyzeResponse>((callback) => client.analyzeStack(request, callback));
	return response.getDiagnosticsList().map((diagnostic) => diagnostic.toObject());
}

test("the pack loads and serves every rule as mandatory", async () => {
	const info = await call<analyzer.AnalyzerInfo>((callback) => client.getAnalyzerInfo(new Empty(), callback));
	const served = info.getPoliciesList().map((policy) => policy.toObject());
	expect(info.getName()).toBe("rke2-lab");
	expect(served.map(({ name }) => name)).toEqual(rules.map(({ name }) => name));
	expect(new Set(served.map(({ enforcementlevel }) => enforcementlevel))).toEqual(
		new Set([analyzer.EnforcementLevel.MANDATORY]),
	);
});

test("a rule names its controls with the version of the benchmark", async () => {
	const info = await call<analyzer.AnalyzerInfo>((callback) => client.getAnalyzerInfo(new Empty(), callback));
	const policy = info.getPoliciesList().find((candidate) => candidate.getName() === "kubernetes-default-deny");
	expect(policy?.toObject()).toMatchObject({
		severity: analyzer.PolicySeverity.POLICY_SEVERITY_HIGH,
		framework: { name: "CIS Kubernetes", version: "v1.12", reference: "5.3.2" },
		tagsList: expect.arrayContaining(["cis-controls-v8.1:13.4", "iso-27001-2022:A.8.22", "nist-800-53-r5:SC-7"]),
		remediationSteps: expect.stringContaining("NetworkPolicy"),
	});
});

test("a violation blocks", async () => {
	const found = await analyze("proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sw04", {
		hostpcis: [{ device: "hostpci0", id: "0000:0b:00" }],
	});
	expect(found).toMatchObject([
		{
			policyname: "vm-gpu-by-mapping",
			enforcementlevel: analyzer.EnforcementLevel.MANDATORY,
			message: expect.stringContaining("Machine proj-k8sw04 passes hostpci0 through by PCI id"),
		},
	]);
});

test("a value that is unknown at preview blocks as well", async () => {
	const found = await analyze("kubernetes:helm.sh/v3:Release", "traefik", {
		chart: "traefik",
		version: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
	});
	expect(found).toMatchObject([
		{
			policyname: "helm-exact-version",
			enforcementlevel: analyzer.EnforcementLevel.MANDATORY,
			message: expect.stringContaining("version is not known at preview"),
		},
	]);
});

test("a rule across resources decides on the inputs where the outputs are empty", async () => {
	const namespace = { type: "kubernetes:core/v1:Namespace", name: "monitoring" };
	const policy = { type: "kubernetes:networking.k8s.io/v1:NetworkPolicy", name: "monitoring-default-deny" };
	const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
	await analyze(namespace.type, namespace.name, { metadata: { name: "monitoring", labels } });
	expect(await analyzeStack(namespace)).toMatchObject([
		{
			policyname: "kubernetes-default-deny",
			enforcementlevel: analyzer.EnforcementLevel.MANDATORY,
			message: expect.stringContaining("Namespace monitoring has no NetworkPolicy"),
			urn: urn(namespace.type, namespace.name),
		},
	]);

	const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
	await analyze(policy.type, policy.name, { metadata: { namespace: "monitoring" }, spec });
	expect(await analyzeStack(namespace, policy)).toEqual([]);
});
