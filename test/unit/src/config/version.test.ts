import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { warnings } from "../../../../src/config/checks/warnings.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { features, tooOldFor } from "../../../../src/facts/rke2-releases.ts";
import { labStack, labValues } from "../../../fixtures/lab.ts";

const said = (version: string): string[] =>
	warnings(labStack({ cluster: { version } }))
		.filter(({ key }) => key === "cluster.version")
		.map(({ message }) => message);

test("warnings reports a newer minor with instructions", () => {
	expect(said("v1.37.0+rke2r1")).toEqual([
		"v1.37.0+rke2r1 is newer than 1.36, the last minor that this program was compared with; RKE2 ignores a setting that it no longer has, so compare src/rke2/keys.ts with its release notes, and then change src/facts/rke2-releases.ts.",
	]);
	expect(said("v2.0.0+rke2r1")).toHaveLength(1);
	expect(said("v1.36.9+rke2r2")).toEqual([]);
});

describe("tooOldFor", () => {
	const retention = features.find(({ key }) => key.endsWith("s3.retention"))!;

	test.each([
		["v1.33.3+rke2r1", ["1.33.4", "1.34.0"]],
		["v1.33.4+rke2r1", []],
		["v1.34.0+rke2r1", []],
		["v1.36.0+rke2r1", []],
		["v2.0.0+rke2r1", []],
	])("returns the first releases with a feature for %s", (version, first) => {
		expect(tooOldFor(retention, version)).toEqual(first);
	});

	test("has no effect on a stack file without the feature", () => {
		const { problems } = parseStack(labValues({ cluster: { version: "v1.33.0+rke2r1" } }));
		expect(problems).toEqual([]);
	});

	test("has a key of the stack file and a source for each feature", () => {
		const reference = readFileSync("docs/configuration.md", "utf8");
		for (const { key, source } of features) {
			expect(reference).toContain(`\`${key}\``);
			expect(source).toMatch(/^https:\/\//);
		}
	});
});
