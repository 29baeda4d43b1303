/** The stand-in charts as Helm sees them: fetched from the mirror, given the program's values, and given wrong ones. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { certManagerValues } from "../../components/platform/values/cert-manager.ts";
import { gpuOperatorValues, timeSlicing } from "../../components/platform/values/gpu-operator.ts";
import { metallbValues } from "../../components/platform/values/metallb.ts";
import { traefikValues } from "../../components/platform/values/traefik.ts";
import { type ChartCheck, checkCharts } from "../../rehearsal/commands/check-charts.ts";
import { packageCharts, standInCharts } from "../../rehearsal/mirrors/charts.ts";
import { createMirror, type Mirror } from "../../rehearsal/mirrors/server.ts";
import { run } from "../../rehearsal/setup/command.ts";
import { setUp } from "../../rehearsal/setup/index.ts";
import { parseStack } from "../../src/config/parse.ts";
import { labValues } from "../unit/config/lab.ts";

const { platform, nodes } = parseStack(labValues()).value!;
const slicing = timeSlicing({
	nodes: { ...nodes, "proj-k8sw04": { ...nodes["proj-k8sw04"]!, gpu: { mapping: "rtx-a4000", timeSlices: 4 } } },
});
const values: Record<string, Record<string, unknown>> = {
	traefik: traefikValues(platform.traefik),
	"cert-manager": certManagerValues(platform.certManager),
	metallb: metallbValues(),
	"gpu-operator": gpuOperatorValues(slicing),
};

interface PodSpec {
	hostNetwork?: boolean;
	containers: { args: string[]; ports: unknown[] }[];
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

beforeAll(async () => {
	const { binaries } = await setUp((line) => console.log(line));
	helm = join(binaries, "helm");
	directory = await mkdtemp(join(tmpdir(), "helm-"));
	await packageCharts(standInCharts, join(directory, "charts"));
	mirror = createMirror({ artifacts: directory, charts: join(directory, "charts") });
	repository = `http://127.0.0.1:${await mirror.listen("127.0.0.1", 0)}/charts`;
	for (const [chart, content] of Object.entries(values)) {
		await writeFile(join(directory, `${chart}.json`), JSON.stringify(content));
	}
});
afterAll(async () => {
	await mirror.close();
	await rm(directory, { recursive: true });
});

function helmRun(...parameters: string[]): Promise<string> {
	const environment = {
		HELM_CACHE_HOME: join(directory, "cache"),
		HELM_CONFIG_HOME: join(directory, "config"),
		HELM_DATA_HOME: join(directory, "data"),
	};
	return run([helm, ...parameters], { environment });
}

/** @param set further values, as for `helm --set` */
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

test.each(Object.keys(values))("helm lint finds nothing wrong with %s and the program's values", async (chart) => {
	const options = ["--strict", "--values", join(directory, `${chart}.json`)];
	expect(await helmRun("lint", join(standInCharts, chart), ...options)).toContain("0 chart(s) failed");
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

test("no webhook can stop an object in a cluster where nobody answers it", async () => {
	const objects = (await Promise.all(Object.keys(values).map((chart) => render(chart)))).flat();
	const policies = objects.flatMap(({ webhooks = [] }) => webhooks.map(({ failurePolicy }) => failurePolicy));
	expect(policies).toEqual(["Ignore", "Ignore", "Ignore", "Ignore"]);
});

test("Traefik's pods take the nodes' ports, and need nothing else of the node", async () => {
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
	expect(pod?.containers[0]?.args).toContain("--entryPoints.web.http.redirections.entryPoint.to=:443");
});

test("behind a reverse proxy, Traefik has ports of the nodes' range and believes nobody but the proxy", async () => {
	const behindProxy = traefikValues({ ...platform.traefik, exposure: "nodePort", trustedProxies: ["10.25.20.40/32"] });
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

test("the GPU Operator's policy says what the program asked for", async () => {
	const policy = (await render("gpu-operator")).find(({ kind }) => kind === "ClusterPolicy");
	expect(policy?.spec).toMatchObject({
		toolkit: { env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }] },
		devicePlugin: { config: { name: slicing?.name } },
	});
});

describe("refuses values that the lab's documents have, and the published chart refuses or does not understand", () => {
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

describe("the check of the published charts", () => {
	const check = (change: Partial<typeof platform>, chartMirror: string) =>
		checkCharts({
			helm,
			kubernetes: "v1.35.7+rke2r1",
			stack: { nodes, platform: { ...platform, ...change, chartMirror } },
		});
	const outcomes = async (checks: Promise<ChartCheck[]>) =>
		Object.fromEntries((await checks).map(({ chart, outcome }) => [chart, outcome]));

	test("accepts what Helm accepts, and says which chart it could not reach", async () => {
		const metallb = { ...platform.metallb, version: "0.0.1" };
		expect(await outcomes(check({ metallb }, repository))).toEqual({
			traefik: "accepted",
			"cert-manager": "accepted",
			metallb: "not reached",
			"gpu-operator": "accepted",
		});
	});

	test("repeats why Helm refuses", async () => {
		const traefik = { ...platform.traefik, trustedProxies: [7 as unknown as string] };
		const [first] = await check({ traefik }, repository);
		expect(first).toMatchObject({ chart: "traefik", outcome: "refused" });
		expect(first?.reason).toContain("got number, want string");
	});
});

test("cert-manager still understands the old switch for its definitions", async () => {
	const objects = await render("cert-manager", "crds.enabled=false", "installCRDs=true");
	expect(kinds(objects)).toContain("CustomResourceDefinition");
	expect(kinds(await render("cert-manager", "crds.enabled=false"))).not.toContain("CustomResourceDefinition");
});
