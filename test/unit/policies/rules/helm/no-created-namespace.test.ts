import { expect, test } from "vitest";
import { helmNoCreatedNamespace } from "../../../../../policies/rules/helm/no-created-namespace.ts";
import { unknown, violations } from "../../run-rule.ts";

const release = (createNamespace: unknown) => ({
	type: "kubernetes:helm.sh/v3:Release",
	name: "traefik",
	props: { chart: "traefik", namespace: "traefik", createNamespace },
});

test("a release into a declared namespace passes", () => {
	expect(violations(helmNoCreatedNamespace, release(false))).toEqual([]);
});

test("a release that creates its namespace is refused", () => {
	expect(violations(helmNoCreatedNamespace, release(true))).toEqual([
		"Release traefik has createNamespace: true; declare its namespace in the program.",
	]);
});

test("a value that is unknown at preview is refused, not skipped", () => {
	expect(violations(helmNoCreatedNamespace, release(unknown))).toEqual([
		expect.stringContaining("createNamespace is not known at preview"),
	]);
});
