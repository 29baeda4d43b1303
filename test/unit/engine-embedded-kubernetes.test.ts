/** What the embedded host sends to a Kubernetes API and to Helm; with a real API server, rehearsals run it. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { embeddedEngine } from "../../rehearsal/engine/embedded/index.ts";
import type { EngineOptions } from "../../rehearsal/engine/engine.ts";
import type { ObjectsDescription } from "../fixtures/engine-programs/objects/src/index.ts";
import { projectOf } from "./engine-harness.ts";

const project = projectOf("objects");
const wanted: ObjectsDescription = { team: "a", colour: "red", size: 1, contents: true };
const engine = embeddedEngine();

test("a preview asks neither the cluster nor Helm for anything", async () => {
	const cluster = await startCluster();
	expect((await engine.preview(cluster.options(wanted))).changes).toMatchObject({ create: 10 });
	expect(cluster.requests).toEqual([]);
	expect(cluster.helmCalls()).toEqual([]);
});

test("applies objects under a field manager of their own, never by force, and waits until they are gone", {}, async () => {
	const cluster = await startCluster();
	expect((await engine.up(cluster.options(wanted))).diagnostics).toEqual([]);
	const namespace = cluster.requests.filter(({ path }) => path === "/api/v1/namespaces/engine-test");
	expect(namespace).toEqual([
		{ method: "GET", path: "/api/v1/namespaces/engine-test", query: {}, type: undefined, body: undefined },
		{
			method: "PATCH",
			path: "/api/v1/namespaces/engine-test",
			query: { fieldManager: expect.stringMatching(/^pulumi-kubernetes-[0-9a-f]{8}$/), force: "false" },
			type: "application/apply-patch+yaml",
			body: {
				apiVersion: "v1",
				kind: "Namespace",
				metadata: expect.objectContaining({ name: "engine-test", labels: { team: "a" } }),
			},
		},
	]);
	const methods = (path: string) => cluster.requests.filter((each) => each.path === path).map(({ method }) => method);
	// A patch of an object that somebody else makes does not ask whether it is there already.
	expect(methods("/api/v1/namespaces/engine-test/serviceaccounts/default")).toEqual(["PATCH"]);
	expect(methods("/apis/test.example/v1/namespaces/engine-test/gadgets/gadget")).toEqual(["GET", "PATCH"]);
	// A quota counts only once its controller has taken note of it.
	expect(methods("/api/v1/namespaces/engine-test/resourcequotas/quota")).toEqual(["GET", "PATCH", "GET", "GET"]);

	cluster.requests.length = 0;
	expect((await engine.up(cluster.options({ ...wanted, size: 2 }))).changes).toMatchObject({ update: 1, same: 9 });
	expect(methods("/apis/test.example/v1/namespaces/engine-test/gadgets/gadget")).toEqual(["PATCH"]);

	cluster.requests.length = 0;
	expect((await engine.destroy(cluster.options(wanted))).succeeded).toBe(true);
	expect(methods("/api/v1/namespaces/engine-test")).toEqual(["DELETE", "GET"]);
	// The patched account stays, without the field that was ours.
	expect([...cluster.objects]).toEqual([
		[
			"/api/v1/namespaces/engine-test/serviceaccounts/default",
			{ apiVersion: "v1", kind: "ServiceAccount", metadata: expect.objectContaining({ name: "default" }) },
		],
	]);
});

test("sends the fields that are reserved words in JavaScript, and knows them again in the answer", {}, async () => {
	const cluster = await startCluster();
	expect((await engine.up(cluster.options(wanted))).diagnostics).toEqual([]);
	const sent = (path: string) =>
		cluster.requests.find((each) => each.path.endsWith(path) && each.method === "PATCH")?.body;
	expect(sent("/networkpolicies/callers")).toMatchObject({
		spec: { ingress: [{ from: [{ podSelector: { matchLabels: { role: "caller" } } }] }] },
	});
	expect(sent("/limitranges/limits")).toMatchObject({
		spec: { limits: [{ type: "Container", default: { memory: "1Gi" }, defaultRequest: { memory: "128Mi" } }] },
	});
	expect((await engine.outputs(cluster.options(wanted))).memory?.value).toBe("1Gi");
});

test("applies what a policy has made of an object, and says what that was", async () => {
	const cluster = await startCluster();
	const options = cluster.options({ ...wanted, contents: false });
	const policyPackConfig = join(options.stateDirectory, "..", "policies.json");
	const levels = { all: "disabled", "kubernetes-pod-security": "remediate", "applied-remediations": "advisory" };
	writeFileSync(policyPackConfig, JSON.stringify(levels));
	const policyPack = fileURLToPath(new URL("../../policies", import.meta.url));
	const { diagnostics, policies } = await engine.up({ ...options, policyPack, policyPackConfig });
	expect(diagnostics).toEqual([]);
	expect(policies.violations).toEqual([
		expect.objectContaining({ policy: "kubernetes-pod-security", level: "remediate" }),
		expect.objectContaining({
			policy: "applied-remediations",
			level: "advisory",
			message: expect.stringContaining("of Namespace engine-test to "),
		}),
	]);
	expect(cluster.objects.get("/api/v1/namespaces/engine-test")).toMatchObject({
		metadata: { labels: { team: "a", "pod-security.kubernetes.io/enforce": "restricted" } },
	});
});

test("does not take over an object that is already there", async () => {
	const cluster = await startCluster();
	cluster.objects.set("/api/v1/namespaces/engine-test", { apiVersion: "v1", kind: "Namespace" });
	const failed = await engine.up(cluster.options(wanted));
	expect(failed.succeeded).toBe(false);
	expect(failed.diagnostics).toEqual([
		{
			severity: "error",
			urn: expect.stringContaining("Namespace::engine-test"),
			message: expect.stringContaining("Namespace engine-test already exists in the cluster and is not ours."),
		},
	]);
});

test("replaces a secret whose content changed, the old one first", async () => {
	const cluster = await startCluster();
	await engine.up(cluster.options(wanted, "one"));
	cluster.requests.length = 0;
	expect((await engine.up(cluster.options(wanted, "two"))).changes).toMatchObject({ replace: 1, same: 9 });
	expect(cluster.requests.filter(({ path }) => path.includes("/secrets/")).map(({ method }) => method)).toEqual([
		"DELETE",
		"GET",
		"GET",
		"PATCH",
	]);
});

describe("a Job", () => {
	const withJob = (image: string): ObjectsDescription => ({ ...wanted, contents: false, job: image });
	const path = "/apis/batch/v1/namespaces/engine-test/jobs/job";
	const calls = ({ requests }: Cluster) => requests.filter((each) => each.path === path).map(({ method }) => method);

	test("is waited for, and a completed one stays", async () => {
		const cluster = await startCluster();
		expect((await engine.up(cluster.options(withJob("app:1")))).diagnostics).toEqual([]);
		expect(calls(cluster)).toEqual(["GET", "PATCH", "GET"]);
		expect((await engine.up(cluster.options(withJob("app:1")))).changes).toMatchObject({ same: 4 });
		expect(calls(cluster)).toHaveLength(3);
	});

	test("that should run something else is replaced, the old one first", async () => {
		const cluster = await startCluster();
		await engine.up(cluster.options(withJob("app:1")));
		cluster.requests.length = 0;
		expect((await engine.up(cluster.options(withJob("app:2")))).changes).toMatchObject({ replace: 1 });
		expect(calls(cluster)).toEqual(["DELETE", "GET", "GET", "PATCH", "GET"]);
	});

	test("that failed is an error with the cluster's reason, and runs anew the next time", async () => {
		const cluster = await startCluster();
		const failure = {
			type: "Failed",
			reason: "DeadlineExceeded",
			message: "Job was active longer than specified deadline",
		};
		cluster.jobCondition = { ...failure, status: "True" };
		const failed = await engine.up(cluster.options(withJob("app:1")));
		expect(failed.diagnostics.map(({ severity, message }) => [severity, message])).toEqual([
			[
				"error",
				expect.stringContaining(
					"Job engine-test/job was created but failed to initialize: [DeadlineExceeded] Job was active longer than specified deadline",
				),
			],
		]);
		cluster.jobCondition = { type: "Complete", status: "True" };
		cluster.requests.length = 0;
		expect((await engine.preview(cluster.options(withJob("app:1")))).changes).toMatchObject({ replace: 1 });
		expect((await engine.up(cluster.options(withJob("app:1")))).changes).toMatchObject({ replace: 1 });
		expect(calls(cluster)).toEqual(["DELETE", "GET", "GET", "PATCH", "GET"]);
	});
});

test("gives Helm its values by stdin and the kubeconfig by a private file", async () => {
	const cluster = await startCluster();
	await engine.up(cluster.options(wanted));
	await engine.destroy(cluster.options(wanted));
	const [install, uninstall] = cluster.helmCalls();
	expect(install?.args.slice(0, 2)).toEqual(["upgrade", "gadgets"]);
	expect(install?.args).toEqual(
		expect.arrayContaining([
			"--install",
			"--version=1.2.3",
			"--namespace=engine-test",
			"--atomic",
			"--wait",
			"--timeout=60s",
			"--values=-",
		]),
	);
	expect(parse(install?.stdin ?? "")).toEqual({ colour: "red" });
	expect(install?.kubeconfigMode).toBe("600");
	expect(uninstall?.args).toEqual(expect.arrayContaining(["uninstall", "gadgets", "--wait"]));
});

interface ApiRequest {
	method: string;
	path: string;
	query: Record<string, string>;
	type: string | undefined;
	body: unknown;
}

const kinds: Record<string, { name: string; kind: string; namespaced: boolean }[]> = {
	"/api/v1": [
		{ name: "namespaces", kind: "Namespace", namespaced: false },
		{ name: "serviceaccounts", kind: "ServiceAccount", namespaced: true },
		{ name: "secrets", kind: "Secret", namespaced: true },
		{ name: "resourcequotas", kind: "ResourceQuota", namespaced: true },
		{ name: "limitranges", kind: "LimitRange", namespaced: true },
	],
	"/apis/batch/v1": [{ name: "jobs", kind: "Job", namespaced: true }],
	"/apis/networking.k8s.io/v1": [{ name: "networkpolicies", kind: "NetworkPolicy", namespaced: true }],
	"/apis/test.example/v1": [{ name: "gadgets", kind: "Gadget", namespaced: true }],
};

/** An API server that keeps whole objects by path, and a `helm` that notes how it was called. */
async function startCluster() {
	const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const objects = new Map<string, unknown>();
	const requests: ApiRequest[] = [];
	const server = createServer(async (request, response) => {
		const url = new URL(request.url!, "http://cluster");
		const answer = (status: number, body: unknown) => {
			response.writeHead(status, { "content-type": "application/json" });
			response.end(JSON.stringify(body));
		};
		const sent = await text(request);
		const resources = kinds[url.pathname];
		if (resources) {
			return answer(200, { kind: "APIResourceList", resources: resources.map((each) => ({ ...each, verbs: [] })) });
		}
		requests.push({
			method: request.method!,
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			type: request.headers["content-type"],
			body: request.method === "PATCH" ? parse(sent) : undefined,
		});
		if (request.method === "PATCH") {
			objects.set(url.pathname, parse(sent));
		}
		const found = objects.get(url.pathname);
		// What a controller does, seen by the next reader.
		if (found && request.method === "GET" && url.pathname.includes("/resourcequotas/")) {
			const { spec } = found as { spec: object };
			objects.set(url.pathname, { ...found, status: spec });
		}
		if (found && request.method === "GET" && url.pathname.includes("/jobs/")) {
			const status = { startTime: "2026-01-01T00:00:00Z", conditions: [cluster.jobCondition] };
			return answer(200, { ...found, status });
		}
		if (request.method === "DELETE") {
			objects.delete(url.pathname);
		}
		return found ? answer(200, found) : answer(404, { kind: "Status", message: "not found" });
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.close();
	});
	const bin = join(directory, "bin");
	mkdirSync(bin);
	writeFileSync(join(bin, "helm"), readFileSync(new URL("../fixtures/engine-programs/helm.sh", import.meta.url)));
	chmodSync(join(bin, "helm"), 0o755);
	const calls = join(directory, "helm-calls");
	mkdirSync(calls);

	const kubeconfig = stringify({
		apiVersion: "v1",
		kind: "Config",
		"current-context": "test",
		contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
		// The client talks plain HTTP only to whom it need not verify.
		clusters: [
			{
				name: "test",
				cluster: {
					server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
					"insecure-skip-tls-verify": true,
				},
			},
		],
		users: [{ name: "test", user: {} }],
	});
	const cluster = {
		objects,
		requests,
		/** What has become of every Job when somebody looks. */
		jobCondition: { type: "Complete", status: "True" } as Record<string, string>,
		helmCalls: () => readCalls(calls),
		options: (description: ObjectsDescription, token = "one"): EngineOptions => ({
			projectDirectory: project,
			stack: "test",
			stateDirectory: join(directory, "state"),
			environment: { PATH: `${bin}:${process.env.PATH}`, HELM_CALLS: calls },
			config: {
				"engine-objects:objects": { value: JSON.stringify(description), secret: false },
				"engine-objects:kubeconfig": { value: kubeconfig, secret: true },
				"engine-objects:token": { value: token, secret: true },
			},
		}),
	};
	return cluster;
}

type Cluster = Awaited<ReturnType<typeof startCluster>>;

interface HelmCall {
	args: string[];
	stdin: string;
	kubeconfigMode: string;
}

function readCalls(directory: string): HelmCall[] {
	const read = (verb: string, part: string) => {
		try {
			return readFileSync(join(directory, `${verb}.${part}`), "utf8");
		} catch {
			return undefined;
		}
	};
	return ["upgrade", "uninstall"].flatMap((verb) => {
		const args = read(verb, "args");
		return args === undefined
			? []
			: [
					{
						args: args.trimEnd().split("\n"),
						stdin: read(verb, "stdin") ?? "",
						kubeconfigMode: read(verb, "mode")?.trim() ?? "",
					},
				];
	});
}
