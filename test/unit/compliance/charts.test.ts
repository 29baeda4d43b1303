import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDeviations } from "../../../compliance/charts/deviations.ts";
import { evaluateObjects } from "../../../compliance/charts/evaluate-objects.ts";
import { helmIn } from "../../../compliance/charts/helm.ts";
import { localChart } from "../../../compliance/charts/packages.ts";
import { rules } from "../../../policies/rules/index.ts";
import { kubernetesHostNamespaces } from "../../../policies/rules/kubernetes/host-namespaces.ts";
import { kubernetesRbacPermissions } from "../../../policies/rules/kubernetes/rbac-permissions.ts";
import { chartRepositories } from "../../../src/facts/add-ons.ts";

const today = "2026-12-01";
const manifest = `apiVersion: v1
kind: ServiceAccount
metadata: { name: speaker, namespace: metallb-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: speaker, namespace: metallb-system }
spec: { template: { spec: { hostNetwork: true } } }
`;
const deviation = {
	chart: "metallb",
	policy: "kubernetes-host-namespaces",
	control: "5.2.5",
	resource: "DaemonSet metallb-system/speaker",
	reason: "The speaker answers ARP.",
	expires: "2027-01-01",
};
const evaluate = (...deviations: (typeof deviation)[]) =>
	evaluateObjects("metallb", manifest, [kubernetesHostNamespaces], deviations, today);
const violation =
	"kubernetes-host-namespaces: DaemonSet metallb-system/speaker has hostNetwork; remove it (control 5.2.5).";

describe("a rendered chart", () => {
	test("is evaluated by the same rules as the program's own objects", () => {
		expect(evaluate().violations).toEqual([violation]);
	});

	test("may deviate when the list accepts it, and the entry is used", () => {
		const { violations, used } = evaluate(deviation);
		expect(violations).toEqual([]);
		expect([...used]).toEqual([deviation]);
	});

	test("may not deviate when the list accepts it for another chart", () => {
		const { violations, used } = evaluate({ ...deviation, chart: "traefik" });
		expect(violations).toEqual([violation]);
		expect(used.size).toBe(0);
	});

	test("may not deviate when the entry has expired, and the entry is still used", () => {
		const expired = { ...deviation, expires: "2026-11-30" };
		const { violations, used } = evaluate(expired);
		expect(violations).toEqual([expect.stringContaining("expired on 2026-11-30")]);
		expect([...used]).toEqual([expired]);
	});

	test("may break one control that an entry accepts, and no other control of the same object", () => {
		const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader }
rules: [{ apiGroups: [""], resources: [secrets, pods], verbs: [get, create] }]
`;
		const reading = {
			...deviation,
			policy: "kubernetes-rbac-permissions",
			control: "5.1.2",
			resource: "ClusterRole reader",
		};
		expect(evaluateObjects("metallb", role, [kubernetesRbacPermissions], [reading], today).violations).toEqual([
			expect.stringMatching(/ may create pods, .*\(control 5\.1\.4\)\.$/),
		]);
	});

	test("may break one control that an entry accepts, and no other control of the same rule", () => {
		const sharing = manifest.replace("hostNetwork: true", "hostNetwork: true, hostPID: true");
		const { violations } = evaluateObjects("metallb", sharing, [kubernetesHostNamespaces], [deviation], today);
		expect(violations).toEqual([expect.stringContaining("has hostPID; remove it (control 5.2.3).")]);
	});

	test("is refused when it is not YAML", () => {
		expect(() => evaluateObjects("metallb", "a: [\n", [kubernetesHostNamespaces], [], today)).toThrow(
			/^The objects of metallb are not YAML: Flow sequence in .* at line 2, column 1\.$/,
		);
	});
});

describe("the list of deviations", () => {
	const charts = Object.keys(chartRepositories);
	const { resource, ...rest } = deviation;
	const entry = { ...rest, resources: [resource] };
	const parse = (changes: object) => parseDeviations(JSON.stringify([{ ...entry, ...changes }]), charts, rules, today);

	test("of the project has no mistake", () => {
		const text = readFileSync(new URL("../../../compliance/charts/deviations.yaml", import.meta.url), "utf8");
		expect(parseDeviations(text, charts, rules, today).length).toBeGreaterThan(0);
	});

	test.each([
		["- [", /^deviations\.yaml is not YAML: Flow sequence in .* at line 1, column 4\.$/],
		[
			"- chart: metallb\n  chart: traefik\n",
			/^deviations\.yaml is not YAML: Map keys must be unique at line 2, column 3\.$/,
		],
		["chart: metallb\n", /^deviations\.yaml is an object; give a list\.$/],
	])("is refused in one sentence when it is %j", (text, sentence) => {
		expect(() => parseDeviations(text, charts, rules, today)).toThrow(sentence);
	});

	test("has one deviation for each resource of an entry", () => {
		const resources = ["DaemonSet metallb-system/speaker", "Deployment metallb-system/controller"];
		expect(parse({ resources })).toEqual(resources.map((one) => ({ ...deviation, resource: one })));
	});

	test("accepts `none` as the control of a policy beyond the benchmark", () => {
		const limits = { policy: "kubernetes-resource-limits", control: "none" };
		expect(parse(limits)).toEqual([{ ...deviation, policy: limits.policy, control: undefined }]);
	});

	test.each([
		[
			{ chart: "metalb" },
			`[0].chart is "metalb"; it has to be a chart of the platform: ${Object.keys(chartRepositories).join(", ")}.`,
		],
		[
			{ resources: [] },
			"[0].resources is an empty list; it has to be a list, each member the name of a resource, or `Kind namespace/name` of an object, with 4 letters or more beside *.",
		],
		[
			{ policy: "kubernetes-host-namespace" },
			'[0].policy is "kubernetes-host-namespace"; it has to be a policy of the pack.',
		],
		[
			{ control: "5.2.2" },
			'[0].control is "5.2.2"; it has to be a control that the policy decides: 5.2.3, 5.2.4, 5.2.5.',
		],
		[
			{ expires: "soon" },
			'[0].expires is "soon"; it has to be the last day of the exception, as YYYY-MM-DD, no more than 2 years ahead.',
		],
	])("is refused in one sentence when an entry has %j", (changes, sentence) => {
		expect(() => parse(changes)).toThrow(`deviations.yaml: ${sentence}`);
	});
});

describe("a local package of a chart", () => {
	const content = "the chart that was reviewed";
	const sha256 = createHash("sha256").update(content).digest("hex");
	const digestKey = "platform.traefik.sha256";
	const pin = { chart: "traefik", version: "41.3.0", repository: "https://charts.invalid", sha256, digestKey };
	let directory: string;
	beforeAll(async () => {
		directory = await mkdtemp(join(tmpdir(), "packages-"));
		await writeFile(join(directory, "traefik-41.3.0.tgz"), content);
	});
	afterAll(() => rm(directory, { recursive: true }));

	test("is used when it has the digest of the stack file, or when the stack file has none", async () => {
		const found = { file: join(directory, "traefik-41.3.0.tgz"), sha256 };
		expect(await localChart(pin, directory)).toEqual(found);
		expect(await localChart({ ...pin, sha256: undefined }, directory)).toEqual(found);
	});

	test("is refused in one sentence when it has another digest", async () => {
		const other = "a".repeat(64);
		await expect(localChart({ ...pin, sha256: other }, directory)).rejects.toThrow(
			`The package of traefik 41.3.0 from ${directory} has the digest ${sha256}, and ${other} is expected: this is not the chart that was reviewed.`,
		);
	});

	test("is named by its path when it is missing", async () => {
		await expect(localChart({ ...pin, version: "41.4.0" }, directory)).rejects.toThrow(
			`${directory}/traefik-41.4.0.tgz is missing, or cannot be read.`,
		);
	});
});

test("a missing Helm is named in one sentence", async () => {
	await expect(helmIn(tmpdir(), "no-such-helm")(["version"])).rejects.toThrow(
		"no-such-helm cannot be started (ENOENT): install Helm 3, or name it with --helm",
	);
});
