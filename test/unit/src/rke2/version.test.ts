import { describe, expect, test } from "vitest";
import { parseVersion } from "../../../../src/rke2/version.ts";

describe("an RKE2 version", () => {
	test("is parsed to four numbers, the last of which is RKE2's own release", () => {
		expect(parseVersion("v1.35.10+rke2r2")).toEqual({ major: 1, minor: 35, patch: 10, release: 2 });
	});

	test.each(["1.35.7+rke2r1", "v1.35.7", "v1.35+rke2r1", "stable", "v1.35.7+k3s1", "v1.35.7-rc1+rke2r1"])(
		"has to be complete, unlike %s",
		(text) => {
			expect(() => parseVersion(text)).toThrow(`${text} is not a full RKE2 version such as v1.35.7+rke2r1.`);
		},
	);
});
