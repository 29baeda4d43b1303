import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, upgradeProblem } from "../../src/rke2/version.ts";

describe("an RKE2 version", () => {
	test.each(["1.35.7+rke2r1", "v1.35.7", "v1.35+rke2r1", "stable", "v1.35.7+k3s1", "v1.35.7-rc1+rke2r1"])(
		"has to be a full one, unlike %s",
		(text) => {
			expect(() => compareVersions(text, "v1.35.7+rke2r1")).toThrow(
				`${text} is not a full RKE2 version such as v1.35.7+rke2r1.`,
			);
		},
	);

	test("is older by its minor, its patch or its release of RKE2, each as a number", () => {
		const ordered = ["v1.9.9+rke2r1", "v1.34.10+rke2r1", "v1.35.7+rke2r1", "v1.35.7+rke2r2", "v1.35.10+rke2r1"];
		expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
	});

	test("is neither older nor newer than itself", () => {
		const number = fc.nat({ max: 99 });
		fc.assert(
			fc.property(number, number, number, (minor, patch, release) => {
				const text = `v1.${minor}.${patch}+rke2r${release}`;
				expect(compareVersions(text, text)).toBe(0);
			}),
		);
	});
});

describe("an upgrade", () => {
	test.each([
		["v1.35.7+rke2r1", "v1.35.7+rke2r1"],
		["v1.35.7+rke2r1", "v1.35.7+rke2r2"],
		["v1.35.7+rke2r1", "v1.35.9+rke2r1"],
		["v1.35.7+rke2r1", "v1.36.0+rke2r1"],
	])("from %s to %s is allowed", (from, to) => {
		expect(upgradeProblem(from, to)).toBeUndefined();
	});

	test("must not skip a minor", () => {
		expect(upgradeProblem("v1.34.10+rke2r1", "v1.36.3+rke2r1")).toBe(
			"v1.36.3+rke2r1 skips a minor version after v1.34.10+rke2r1, which runs; upgrade to v1.35 first.",
		);
		expect(upgradeProblem("v1.35.7+rke2r1", "v2.0.0+rke2r1")).toContain("skips a minor version");
	});

	test.each(["v1.35.7+rke2r1", "v1.35.6+rke2r2", "v1.34.10+rke2r1"])("must not go back to %s", (to) => {
		expect(upgradeProblem("v1.35.7+rke2r2", to)).toBe(
			`${to} is older than v1.35.7+rke2r2, which runs; a cluster goes back only by restoring a snapshot taken on the old version.`,
		);
	});
});
