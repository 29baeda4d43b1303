import { expect, test } from "vitest";
import { helmExactVersion } from "../../../../../policies/rules/helm/exact-version.ts";
import { unknown, violations } from "../../run-rule.ts";

const release = (version?: string) => ({
	type: "kubernetes:helm.sh/v3:Release",
	name: "traefik",
	props: { chart: "traefik", ...(version && { version }) },
});

test.each(["41.3.0", "v1.21.1", "0.16.1-rc.1"])("%s passes", (version) => {
	expect(violations(helmExactVersion, release(version))).toEqual([]);
});

test.each(["^41.3.0", "41.x", ">=41", "41.3", "latest"])("%s is refused", (version) => {
	expect(violations(helmExactVersion, release(version))).toEqual([
		`Release traefik has the version ${version}; set one full version such as 41.3.0, not a range.`,
	]);
});

test("a release without a version is refused", () => {
	expect(violations(helmExactVersion, release())).toEqual([
		"Release traefik has no version; set one full version such as 41.3.0.",
	]);
});

test("a version that is unknown at preview is refused, not skipped", () => {
	expect(violations(helmExactVersion, release(unknown))).toEqual([
		expect.stringContaining("version is not known at preview"),
	]);
});
