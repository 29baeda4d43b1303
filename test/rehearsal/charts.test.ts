/** The chart doubles in Helm: downloaded from the mirror, with the program's values and with wrong values. */
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unknownCheckingProxy } from "@pulumi/policy";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ChartCheck, checkCharts } from "../../compliance/charts/check-charts.ts";
import { parseDeviations } from "../../compliance/charts/deviations.ts";
import type { ChartRule } from "../../compliance/charts/evaluate-objects.ts";
import {
	type ChartRelease,
	type EvaluationOptions,
	evaluateRelease,
} from "../../compliance/charts/evaluate-release.ts";
import { helmIn } from "../../compliance/charts/helm.ts";
import { toResource } from "../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../compliance/evaluation/preview.ts";
import { platformCharts } from "../../components/platform/add-ons.ts";
import { traefikValues } from "../../components/platform/traefik/values.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { rules } from "../../policies/rules/index.ts";
import { chartDoubles, packageCharts } from "../../rehearsal/doubles/network/chart-repository.ts";
import { createMirror, type Mirror, type MirrorFault } from "../../rehearsal/doubles/network/mirror.ts";
import { execute } from "../../rehearsal/setup/command.ts";
import { setUp } from "../../rehearsal/setup/index.ts";
import { labStack, labValues } from "../fixtures/lab.ts";

const stack = labStack();
const { platform } = stack;
/** Values with a shared GPU and a proxy. */
const charts = platformCharts(
	labStack({
		nodes: { "proj-k8sw04": { gpu: { timeSlices: 4 } } },
		cluster: { proxy: { url: "http://10.25.10.9:3128" } },
	}),
);

interface PodSpec {
	hostNetwork?: boolean;
	containers: { args: string[]; env?: unknown[]; ports: unknown[] }[];
}

interface KubernetesObject {
	kind: string;
	metadata: { name: string };
	spec?: { template?: { spec?: PodSpec }; type?: string; ports?: { name: string; nodePort?: number }[] };
	webhooks?: { failurePolicy: string }[];
}

let directory: string;
let helm: string;
let mirror: Mirror;
let repository: string;
const faults = new Map<string, MirrorFault>();

beforeAll(async () => {
	const { binaries } = await setUp((line) => console.log(line));
	helm = join(binaries, "helm");
	directory = await mkdtemp(join(tmpdir(), "helm-"));
	await packageCharts(chartDoubles, join(directory, "charts"));
	mirror = createMirror({ artifacts: directory, charts: join(directory, "charts"), faults });
	repository = `http://127.0.0.1:${await mirror.listen("127.0.0.1", 0)}/charts`;
	for (const [chart, { values }] of Object.entries(charts)) {
		await writeFile(join(directory, `${chart}.json`), JSON.stringify(values));
	}
});
afterEach(() => faults.clear());
afterAll(async () => {
	await mirror.close();
	await rm(directory, { recursive: true });
});

function helmRun(...args: string[]): Promise<string> {
	const environment = {
		HELM_CACHE_HOME: join(directory, "cache"),
		HELM_CONFIG_HOME: join(directory, "config"),
		HELM_DATA_HOME: join(directory, "data"),
	};
	return execute([helm, ...args], { environment });
}

/** @param set additional values, as for `helm --set` */
async function render(chart: string, ...set: string[]): Promise<KubernetesObject[]> {
	const text = await helmRun(
		...["template", chart, chart, "--repo", repository, "--kube-version", "v1.35.7", "--include-crds"],
		...["--values", join(directory, `${chart}.json`), ...set.flatMap((value) => ["--set", value])],
	);
	return parseAllDocuments(text)
		.map((document) => document.toJS())
		.filter((object) => object !== null);
}

function kinds(objects: KubernetesObject[]): string[] {
	return [...new Set(objects.map(({ kind }) => kind))].sort();
}

test.each(Object.keys(charts))("helm lint finds nothing wrong with %s and the program's values", async (chart) => {
	const options = ["--strict", "--values", join(directory, `${chart}.json`)];
	expect(await helmRun("lint", join(chartDoubles, chart), ...options)).toContain("0 chart(s) failed");
});

describe("makes the kinds of objects that the published chart makes", () => {
	test.each([
		["traefik", ["DaemonSet", "IngressClass", "Service", "ServiceAccount", "TLSOption", "TLSStore"]],
		[
			"cert-manager",
			["Deployment", "Job", "MutatingWebhookConfiguration", "PodDisruptionBudget", "ValidatingWebhookConfiguration"],
		],
		["metallb", ["DaemonSet", "Deployment", "ValidatingWebhookConfiguration"]],
		["gpu-operator", ["ClusterPolicy", "DaemonSet", "Deployment", "Job"]],
	])("%s", async (chart, expected) => {
		expect(kinds(await render(chart))).toEqual(
			expect.arrayContaining([...expected, "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"]),
		);
	});
});

test("webhooks let objects pass when no webhook answers", async () => {
	const objects = (await Promise.all(Object.keys(charts).map((chart) => render(chart)))).flat();
	const policies = objects.flatMap(({ webhooks = [] }) => webhooks.map(({ failurePolicy }) => failurePolicy));
	expect(policies).toEqual(["Ignore", "Ignore", "Ignore", "Ignore"]);
});

test("Traefik's pods use the nodes' ports and nothing else of the node", async () => {
	const daemonSet = (await render("traefik")).find(({ kind }) => kind === "DaemonSet");
	const pod = daemonSet?.spec?.template?.spec;
	expect(pod?.hostNetwork).toBe(false);
	expect(pod?.containers[0]?.ports).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ containerPort: 8000, hostPort: 80 }),
			expect.objectContaining({ containerPort: 8443, hostPort: 443 }),
			expect.objectContaining({ containerPort: 9111, hostPort: 9111 }),
		]),
	);
	expect(pod?.containers[0]?.args).toEqual(
		expect.arrayContaining([
			"--entryPoints.web.address=:8000/tcp",
			"--entryPoints.web.http.redirections.entryPoint.to=:443",
		]),
	);
});

test("Traefik has node ports and trusts only the proxy when it is behind a reverse proxy", async () => {
	const behindProxy = traefikValues({
		...platform,
		traefik: { ...platform.traefik, exposure: "nodePort", trustedProxies: ["10.25.20.40/32"] },
	});
	await writeFile(join(directory, "behind-proxy.json"), JSON.stringify(behindProxy));
	const text = await helmRun(
		"template",
		"traefik",
		"traefik",
		"--repo",
		repository,
		"-f",
		`${directory}/behind-proxy.json`,
	);
	const objects: KubernetesObject[] = parseAllDocuments(text).map((document) => document.toJS());
	const service = objects.find((object) => object?.kind === "Service");
	expect(service?.spec?.type).toBe("NodePort");
	expect(service?.spec?.ports?.map(({ name, nodePort }) => [name, nodePort])).toEqual([
		["web", 30080],
		["websecure", 30443],
	]);
	const pod = objects.find((object) => object?.kind === "DaemonSet")?.spec?.template?.spec;
	expect(pod?.containers[0]?.args).toContain("--entryPoints.websecure.proxyProtocol.trustedIPs=10.25.20.40/32");
});

test("the GPU Operator's ClusterPolicy has the program's values", async () => {
	const policy = (await render("gpu-operator")).find(({ kind }) => kind === "ClusterPolicy");
	expect(policy?.spec).toMatchObject({
		toolkit: { env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }] },
		devicePlugin: { config: { name: expect.stringMatching(/^time-slicing-/) } },
		driver: { enabled: true, env: expect.arrayContaining([{ name: "https_proxy", value: "http://10.25.10.9:3128" }]) },
	});
});

test("cert-manager's controller gets the proxy and the addresses without proxy", async () => {
	const deployments = (await render("cert-manager")).filter(({ kind }) => kind === "Deployment");
	const environment = Object.fromEntries(
		deployments.map(({ metadata, spec }) => [metadata.name, spec?.template?.spec?.containers[0]?.env]),
	);
	expect(environment).toEqual({
		"cert-manager": [
			{ name: "HTTP_PROXY", value: "http://10.25.10.9:3128" },
			{ name: "HTTPS_PROXY", value: "http://10.25.10.9:3128" },
			{ name: "NO_PROXY", value: expect.stringContaining("10.43.0.0/16,.svc") },
		],
		"cert-manager-cainjector": undefined,
		"cert-manager-webhook": undefined,
	});
});

describe("a chart refuses values of the lab's documents that the published chart refuses or ignores", () => {
	test.each([
		["traefik", "ports.metrics.expose=true", "got boolean, want object"],
		["traefik", "logs.general.level=INFO", "additional properties 'logs' not allowed"],
		[
			"traefik",
			"tls.certificatesResolvers.letsencrypt.dnsChallenge.provider=x",
			"additional properties 'tls' not allowed",
		],
		["traefik", "hostNetwork=true", "with hostNetwork a hostPort must equal its port"],
		["traefik", "additionalArguments={--certificatesresolvers.x.acme.email=y}", "Use cert-manager"],
		["cert-manager", "securityContext.enabled=true", "additional properties 'securityContext' not allowed"],
		["metallb", "configInline.x=y", "additional properties 'configInline' not allowed"],
		["gpu-operator", "mps.enabled=true", "additional properties 'mps' not allowed"],
	])("%s: %s", async (chart, value, complaint) => {
		await expect(render(chart, value)).rejects.toThrow(complaint);
	});
});

describe("a chart from its repository", () => {
	const check = (change: Partial<typeof platform>, chartMirror: string) =>
		checkCharts({ helm, stack: { ...stack, platform: { ...platform, ...change, chartMirror } } });
	const outcomes = async (checks: Promise<ChartCheck[]>) =>
		Object.fromEntries((await checks).map(({ chart, outcome }) => [chart, outcome]));

	test("is accepted when Helm accepts our values and our network policies select its pods", async () => {
		expect(await outcomes(check({}, repository))).toEqual({
			traefik: "accepted",
			"cert-manager": "accepted",
			metallb: "accepted",
			"gpu-operator": "accepted",
		});
	});

	test("has a digest to add when the stack file has none", async () => {
		const [first] = await check({}, repository);
		const [key, sha256] = first!.unpinned!;
		expect(key).toBe("platform.traefik.sha256");
		const [pinned] = await check({ traefik: { ...platform.traefik, sha256 } }, repository);
		expect(pinned).toMatchObject({ outcome: "accepted", unpinned: undefined });
	});

	test("is refused with Helm's message when Helm refuses our values", async () => {
		const traefik = { ...platform.traefik, trustedProxies: [7 as unknown as string] };
		const [first] = await check({ traefik }, repository);
		expect(first).toMatchObject({ chart: "traefik", outcome: "refused" });
		expect(first?.reason).toContain("got number, want string");
	});

	test("is refused when the repository does not have the version", async () => {
		const [, , metallb] = await check({ metallb: { ...platform.metallb, version: "0.0.1" } }, repository);
		expect(metallb).toMatchObject({ outcome: "refused" });
		expect(metallb?.reason).toMatch(/^\S+ does not have metallb 0\.0\.1: .* not found in \S+ repository\.$/);
	});

	test("is refused when its digest differs from the stack file's", async () => {
		const sha256 = "a".repeat(64);
		const [first] = await check({ traefik: { ...platform.traefik, sha256 } }, repository);
		expect(first).toMatchObject({ outcome: "refused" });
		expect(first?.reason).toMatch(
			/^The package of traefik 41\.3\.0 from \S+ has the digest [0-9a-f]{64}, and a{64} is expected: [^.]+\.$/,
		);
	});

	test("is refused when no network policy allows the API server to reach its webhook", async () => {
		const [source, moved] = [join(directory, "source"), join(directory, "moved")];
		await cp(chartDoubles, source, { recursive: true });
		const controller = join(source, "metallb/templates/controller.yaml");
		await writeFile(
			controller,
			(await readFile(controller, "utf8")).replace("containerPort: 9443", "containerPort: 9444"),
		);
		await packageCharts(source, moved);
		const other = createMirror({ artifacts: directory, charts: moved });
		try {
			const url = `http://127.0.0.1:${await other.listen("127.0.0.1", 0)}/charts`;
			const [, , metallb] = await check({}, url);
			expect(metallb).toMatchObject({ outcome: "refused" });
			expect(metallb?.reason).toBe(
				"allow-webhook opens port 9443, on which no pod of the chart listens. The API server calls metallb-webhook-service on port 9444 of its pods, which no policy opens.",
			);
		} finally {
			await other.close();
		}
	});

	test("is refused in one sentence when its package is no chart", async () => {
		faults.set("/charts/traefik-41.3.0.tgz", "altered");
		const [first] = await check({}, repository);
		expect(first).toMatchObject({ outcome: "refused" });
		expect(first?.reason).toMatch(/^Helm cannot render \S+: .* does not appear to be a gzipped archive; .*\.$/);
	});

	test("is reported as not reached when its repository does not answer or is no repository", async () => {
		const [first] = await check({}, "http://127.0.0.1:1");
		expect(first).toMatchObject({ outcome: "not reached" });
		expect(first?.reason).toMatch(/^http:\/\/127\.0\.0\.1:1 cannot be reached, or is no chart repository \(.*\)\.$/);
		faults.set("/charts/index.yaml", "missing");
		expect(new Set(Object.values(await outcomes(check({}, repository))))).toEqual(new Set(["not reached"]));
	});
});

describe("the rules over a chart", () => {
	const chartRules = rules.filter((rule): rule is ChartRule => "checkObject" in rule || "checkStack" in rule);
	let context: Resource[];
	const accepted = parseDeviations(
		readFileSync(new URL("../../compliance/charts/deviations.yaml", import.meta.url), "utf8"),
		Object.keys(charts),
		chartRules,
	);

	beforeAll(async () => {
		const declared = (await previewStack(labValues())).map(toResource);
		context = declared.map((resource) => ({ ...resource, props: unknownCheckingProxy(resource.props) }));
	});

	async function evaluate(
		chart: keyof ReturnType<typeof platformCharts>,
		change: Partial<ChartRelease & EvaluationOptions> = {},
	) {
		const downloads = await mkdtemp(join(directory, "downloads-"));
		const release = { ...platformCharts(stack)[chart]!, chart, repository, ...change };
		return evaluateRelease(release, {
			helm: helmIn(downloads, helm),
			packages: undefined,
			downloads,
			doubles: chartDoubles,
			kubernetes: stack.cluster.version,
			rules: chartRules,
			context,
			deviations: accepted,
			today: "2026-12-01",
			...change,
		});
	}

	test.each(["traefik", "cert-manager", "metallb", "gpu-operator"] as const)(
		"find in %s every accepted deviation, and no other",
		async (chart) => {
			const { problems, used } = await evaluate(chart);
			expect(problems).toEqual([]);
			expect([...used]).toEqual(expect.arrayContaining(accepted.filter((deviation) => deviation.chart === chart)));
		},
	);

	test("report the origin and the digest of the chart", async () => {
		const { origin, evaluated } = await evaluate("traefik");
		expect(evaluated).toBe("published chart");
		expect(origin).toMatch(
			/^traefik 41\.3\.0 from \S+\. Digest [0-9a-f]{64}, not pinned: compare it with the publisher's and set platform\.traefik\.sha256\.$/,
		);
	});

	test("say plainly when a double is evaluated, and why", async () => {
		const { origin, evaluated, problems } = await evaluate("metallb", { repository: "http://127.0.0.1:1" });
		expect(evaluated).toBe("double");
		expect(origin).toMatch(
			/^metallb 0\.16\.1: http:\/\/127\.0\.0\.1:1 cannot be reached, .* The rules were put to the rehearsal's double instead, which proves nothing about the published chart\.$/,
		);
		expect(problems).toEqual([]);
	});

	test("evaluate no double when the published chart has another digest", async () => {
		const { evaluated, problems } = await evaluate("metallb", { sha256: "a".repeat(64) });
		expect(evaluated).toBe("nothing");
		expect(problems).toEqual([expect.stringContaining("this is not the chart that was reviewed")]);
	});

	test("evaluate only the local copy when there is one", async () => {
		const packages = join(directory, "charts");
		const { origin } = await evaluate("traefik", { packages, repository: "http://127.0.0.1:1" });
		expect(origin).toContain(`traefik 41.3.0 from ${packages}. Digest`);
		const { problems } = await evaluate("traefik", { packages, version: "41.4.0" });
		expect(problems).toEqual([`${packages}/traefik-41.4.0.tgz is missing, or cannot be read.`]);
	});

	test("report a deviation that matches nothing", async () => {
		const superfluous = { ...accepted[0]!, chart: "metallb", resource: "DaemonSet metallb-system/gone" };
		const { problems } = await evaluate("metallb", { deviations: [...accepted, superfluous] });
		expect(problems).toEqual([
			"deviations.yaml accepts kubernetes-host-ports (control 5.2.12) for DaemonSet metallb-system/gone, which does not violate it; remove the entry.",
		]);
	});
});

test("cert-manager installs its definitions when the old switch is on", async () => {
	const objects = await render("cert-manager", "crds.enabled=false", "installCRDs=true");
	expect(kinds(objects)).toContain("CustomResourceDefinition");
	expect(kinds(await render("cert-manager", "crds.enabled=false"))).not.toContain("CustomResourceDefinition");
});
