/** The checks of published charts beside Helm's own, on charts and manifests of this test. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addDigests } from "../../../compliance/charts/add-digests.ts";
import { misfits } from "../../../compliance/charts/network-coverage.ts";
import { unknownValues } from "../../../compliance/charts/unknown-values.ts";
import { allowEgress, allowIngress, defaultDeny, tcp } from "../../../components/platform/network-policies/rules.ts";

describe("values that a chart ignores", () => {
	let directory: string;
	beforeEach(async () => {
		directory = await mkdtemp(join(tmpdir(), "unknown-values-"));
	});
	afterEach(() => rm(directory, { recursive: true }));

	const defaults =
		"controller: { logLevel: info, securityContext: { runAsUser: 1 }, labels: {} }\nfinder: { image: {} }\n";

	/** @param files content by path below the chart's folder */
	async function unknown(values: Record<string, unknown>, files: Record<string, string> = {}): Promise<string[]> {
		const all = { "Chart.yaml": "apiVersion: v2\nname: sample\nversion: 1.0.0\n", "values.yaml": defaults, ...files };
		for (const [path, content] of Object.entries(all)) {
			const file = join(directory, "source/sample", path);
			await mkdir(dirname(file), { recursive: true });
			await writeFile(file, content);
		}
		const chart = join(directory, "sample-1.0.0.tgz");
		await create({ cwd: join(directory, "source"), file: chart, gzip: true }, ["sample"]);
		return unknownValues(values, chart);
	}

	test("are named by their path when the chart accepts any key", async () => {
		expect(await unknown({ controler: {}, controller: { loglevel: "info", logLevel: "debug" } })).toEqual([
			"controler",
			"controller.loglevel",
		]);
	});

	test("are not fields of Kubernetes, nor members of an empty map of the chart", async () => {
		expect(
			await unknown({
				controller: { securityContext: { seccompProfile: { type: "RuntimeDefault" } }, labels: { a: "b" } },
			}),
		).toEqual([]);
	});

	test("are not those of a subchart", async () => {
		const files = { "charts/finder/values.yaml": "master: { port: 8080 }\n" };
		expect(await unknown({ finder: { master: { port: 9 }, image: {} } }, files)).toEqual([]);
		expect(await unknown({ finder: { masters: {} } }, files)).toEqual(["finder.masters"]);
	});

	test.each([
		["by itself", { additionalProperties: false }],
		["by a reference", { $ref: "#/$defs/values", $defs: { values: { additionalProperties: false } } }],
	])("are left to Helm when the schema is closed %s", async (_, schema) => {
		expect(await unknown({ controler: {} }, { "values.schema.json": JSON.stringify(schema) })).toEqual([]);
	});

	test("are named when the schema accepts them", async () => {
		expect(await unknown({ controler: {} }, { "values.schema.json": "{}" })).toEqual(["controler"]);
	});
});

describe("network policies beside a chart", () => {
	const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: webhook }
spec:
  template:
    metadata: { labels: { component: webhook } }
    spec: { containers: [{ name: webhook, ports: [{ name: https, containerPort: 10250 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: webhook }
spec: { selector: { component: webhook }, ports: [{ port: 443, targetPort: https }] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: webhook }
webhooks: [{ name: validate, clientConfig: { service: { name: webhook, namespace: sample } } }]
`;
	const webhook = { matchLabels: { component: "webhook" } };
	const allowWebhook = (port: number) => allowIngress("allow-webhook", webhook, { ports: tcp(port) });

	test("fit when each selects pods of the chart and the API server reaches its webhook", () => {
		expect(misfits([defaultDeny(), allowWebhook(10250)], manifest)).toEqual([]);
	});

	test("are named when they select no pod", () => {
		const elsewhere = allowEgress("allow-acme", { matchLabels: { component: "controller" } }, { ports: tcp(443) });
		expect(misfits([allowWebhook(10250), elsewhere], manifest)).toEqual(["allow-acme selects no pod of the chart."]);
	});

	test("are compared with the ports of pods, and not of Services", () => {
		expect(misfits([allowWebhook(443)], manifest)).toEqual([
			"allow-webhook opens port 443, on which no pod of the chart listens.",
			"The API server calls webhook on port 10250 of its pods, which no policy opens.",
		]);
	});

	test("have to open webhooks for conversion as well", () => {
		const conversion = { strategy: "Webhook", webhook: { clientConfig: { service: { name: "webhook" } } } };
		const definition = { kind: "CustomResourceDefinition", metadata: { name: "samples" }, spec: { conversion } };
		const [workload = ""] = manifest.split("apiVersion: admissionregistration");
		const converting = `${workload}${JSON.stringify(definition)}`;
		expect(misfits([defaultDeny()], converting)).toEqual([
			"The API server calls webhook on port 10250 of its pods, which no policy opens.",
		]);
	});
});

describe("digests that are added to a stack file", () => {
	const digest = "1".repeat(64);
	const add = (text: string) => addDigests(text, "rke2-lab", new Map([["platform.traefik.sha256", digest]]));

	test("come after the version, and the rest of the text does not change", () => {
		const text =
			"config:\n  rke2-lab:platform:\n    traefik:\n      version: 41.3.0 # newest\n    scrapers: [10.25.10.13]\n";
		expect(add(text)).toBe(text.replace("41.3.0", `41.3.0\n      sha256: "${digest}"`));
	});

	test("come after the version in a map on one line as well", () => {
		const text = "config: { rke2-lab:platform: { traefik: { version: 41.3.0, replicas: 2 } } }\n";
		expect(add(text)).toBe(text.replace("41.3.0", `41.3.0, sha256: "${digest}"`));
	});

	test("are refused when the file has no version of the chart", () => {
		expect(() => add("config: { rke2-lab:platform: {} }\n")).toThrow(
			"The stack file has no plain platform.traefik.version, so platform.traefik.sha256 cannot be added after it.",
		);
	});
});
