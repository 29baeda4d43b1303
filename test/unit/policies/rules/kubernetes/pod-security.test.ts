import { describe, expect, test } from "vitest";
import { kubernetesPodSecurity } from "../../../../../policies/rules/kubernetes/pod-security.ts";
import { unknown, violations } from "../../run-rule.ts";

const namespace = (name: string, level?: string, type = "kubernetes:core/v1:Namespace") => ({
	type,
	props: { metadata: { name, labels: level === undefined ? {} : { "pod-security.kubernetes.io/enforce": level } } },
});

describe("passes", () => {
	test.each(["restricted", "baseline"])("%s anywhere", (level) => {
		expect(violations(kubernetesPodSecurity, namespace("ollama", level))).toEqual([]);
	});

	test.each(["traefik", "metallb-system", "gpu-operator"])("privileged for %s", (name) => {
		expect(violations(kubernetesPodSecurity, namespace(name, "privileged"))).toEqual([]);
	});

	test("a patch that does not set the label", () => {
		const patch = namespace("default", undefined, "kubernetes:core/v1:NamespacePatch");
		expect(violations(kubernetesPodSecurity, patch)).toEqual([]);
	});
});

describe("refuses", () => {
	test("a namespace without the label", () => {
		expect(violations(kubernetesPodSecurity, namespace("ollama"))).toEqual([
			"Namespace ollama has no label pod-security.kubernetes.io/enforce; allowed are restricted and baseline.",
		]);
	});

	test("privileged for a workload", () => {
		expect(violations(kubernetesPodSecurity, namespace("ollama", "privileged"))).toEqual([
			"Namespace ollama enforces privileged, which only traefik, metallb-system, gpu-operator may; set platform.namespaces.ollama.podSecurity to restricted or baseline, or give this policy an exception for Namespace ollama.",
		]);
	});

	test("privileged through a patch", () => {
		const patch = namespace("default", "privileged", "kubernetes:core/v1:NamespacePatch");
		expect(violations(kubernetesPodSecurity, patch)).toEqual([
			"Namespace default enforces privileged, which only traefik, metallb-system, gpu-operator may; set platform.namespaces.default.podSecurity to restricted or baseline, or give this policy an exception for Namespace default.",
		]);
	});

	test("a level that does not exist", () => {
		expect(violations(kubernetesPodSecurity, namespace("ollama", "Restricted"))).toEqual([
			"Namespace ollama has the label pod-security.kubernetes.io/enforce=Restricted; allowed are restricted and baseline.",
		]);
	});

	test("a name that only JavaScript objects have", () => {
		expect(violations(kubernetesPodSecurity, namespace("constructor", "privileged"))).toHaveLength(1);
	});

	test("labels that are unknown at preview", () => {
		const computed = { type: "kubernetes:core/v1:Namespace", props: { metadata: { name: "ollama", labels: unknown } } };
		expect(violations(kubernetesPodSecurity, computed)).toEqual([
			expect.stringContaining("metadata.labels is not known at preview"),
		]);
	});
});
