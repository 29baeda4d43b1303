import { describe, expect, test } from "vitest";
import { kubernetesClusterAdmin } from "../../../../../policies/rules/kubernetes/cluster-admin.ts";
import { type Given, unknown, violations } from "../../run-rule.ts";

interface Subject {
	kind: string;
	name: string;
	namespace?: string;
}

const group = (name: string): Subject => ({ kind: "Group", name });

function binding(name: string, subjects: Subject[] | string, kind = "ClusterRoleBinding"): Given {
	return {
		type: `kubernetes:rbac.authorization.k8s.io/v1:${kind}`,
		props: { metadata: { name }, roleRef: { kind: "ClusterRole", name: "cluster-admin" }, subjects },
	};
}

describe("passes", () => {
	test("the binding that the program makes for the groups of the stack file", () => {
		const administrators = binding("cluster-administrators", [group("oidc:1111"), group("oidc:2222")]);
		expect(violations(kubernetesClusterAdmin, administrators)).toEqual([]);
	});
});

describe("refuses", () => {
	test.each([
		["a second binding, even for a group of people", binding("operators", [group("oidc:1111")])],
		["a binding in one namespace", binding("cluster-administrators", [group("oidc:1111")], "RoleBinding")],
	])("%s", (_, given) => {
		expect(violations(kubernetesClusterAdmin, given)).toEqual([
			expect.stringContaining("grants cluster-admin; bind a role with the permissions that are used."),
		]);
	});

	test.each<[string, Subject]>([
		["a person", { kind: "User", name: "oidc:astronomer" }],
		["a program", { kind: "ServiceAccount", name: "oidc:app", namespace: "monitoring" }],
		["a group of Kubernetes' own", group("system:authenticated")],
	])("%s among the administrators", (_, subject) => {
		const administrators = binding("cluster-administrators", [group("oidc:1111"), subject]);
		expect(violations(kubernetesClusterAdmin, administrators)).toEqual([
			`ClusterRoleBinding cluster-administrators grants cluster-admin to ${subject.kind} ${subject.name}; allowed are groups whose name begins oidc:`,
		]);
	});

	test.each(["cluster-admin", "cluster-administrators"])("a patch that adds to the binding %s", (name) => {
		const { type, props } = binding(name, [group("oidc:1111")]);
		const { roleRef, ...patch } = props;
		expect(violations(kubernetesClusterAdmin, { type: `${type}Patch`, props: patch })).toEqual([
			`ClusterRoleBinding ${name} grants cluster-admin; bind a role with the permissions that are used.`,
		]);
	});

	test("subjects that are not known yet", () => {
		expect(violations(kubernetesClusterAdmin, binding("cluster-administrators", unknown))).toEqual([
			expect.stringContaining("subjects is not known at preview"),
		]);
	});
});
