/** The table of add-ons against the folders of components/platform, and its entries against each other. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { platformCharts } from "../../../../components/platform/add-ons.ts";
import { addOnEntries, metricsNodePorts, platformNamespaces } from "../../../../src/facts/add-ons.ts";
import { labStack } from "../../../fixtures/lab.ts";

const folder = new URL("../../../../components/platform/", import.meta.url);

describe.each(addOnEntries)("the add-on %s", (key, { chart, namespace }) => {
	test.each([`${chart}.ts`, "values.ts", "network-policies.ts"])("has the file %s in its folder", (file) => {
		expect(existsSync(new URL(`${chart}/${file}`, folder))).toBe(true);
	});

	test("has a chart with the version and the namespace of the stack", () => {
		const stack = labStack();
		expect(platformCharts(stack)[chart]).toMatchObject({
			version: stack.platform[key]!.version,
			digestKey: `platform.${key}.sha256`,
			namespace,
		});
	});
});

test("every namespace of the platform is used once", () => {
	const names = Object.values(platformNamespaces);
	expect(new Set(names).size).toBe(names.length);
});

test("every node port for metrics is used once, and none is one that Kubernetes assigns by itself", () => {
	expect(new Set(metricsNodePorts).size).toBe(metricsNodePorts.length);
	for (const port of metricsNodePorts) {
		expect(port).toBeGreaterThanOrEqual(30_000);
		expect(port).toBeLessThan(30_086);
	}
});
