import { describe, expect, test } from "vitest";
import { kubernetesDefaultDeny } from "../../../../../policies/rules/kubernetes/default-deny.ts";
import { stackViolations, unknown } from "../../run-rule.ts";

const namespace = (name: string | undefined) => ({
	type: "kubernetes:core/v1:Namespace",
	name: `${name}-namespace`,
	// As at preview: what the API server fills in is unknown.
	props: { metadata: { ...(name && { name }), uid: unknown }, status: unknown },
});
const networkPolicy = (namespaceName: string, spec: Record<string, unknown>, name = `${namespaceName}-policy`) => ({
	type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
	name,
	props: { metadata: { name: "policy", namespace: namespaceName, uid: unknown }, spec },
});
const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const openBothWays =
	"monitoring-namespace: Namespace monitoring has no NetworkPolicy that selects every pod and denies Ingress and Egress.";

describe("passes", () => {
	test("one policy for both directions, with allow rules in another", () => {
		const allow = { podSelector: {}, policyTypes: ["Egress"], egress: [{ ports: [{ port: 53 }] }] };
		const resources = [
			namespace("monitoring"),
			networkPolicy("monitoring", closed),
			networkPolicy("monitoring", allow, "monitoring-allow"),
		];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([]);
	});

	test("one policy for each direction", () => {
		const resources = [
			namespace("monitoring"),
			networkPolicy("monitoring", { podSelector: {}, policyTypes: ["Egress"] }),
			networkPolicy("monitoring", { podSelector: { matchLabels: {} } }, "monitoring-ingress"),
		];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([]);
	});

	test("a patch of a namespace that RKE2 made, which carries RKE2's own policies", () => {
		const patch = { type: "kubernetes:core/v1:NamespacePatch", props: { metadata: { name: "kube-system" } } };
		expect(stackViolations(kubernetesDefaultDeny, [patch])).toEqual([]);
	});
});

describe("refuses a namespace", () => {
	test("without any policy", () => {
		expect(stackViolations(kubernetesDefaultDeny, [namespace("monitoring")])).toEqual([openBothWays]);
	});

	test("whose default deny stands in another namespace", () => {
		const resources = [namespace("monitoring"), networkPolicy("ollama", closed)];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([openBothWays]);
	});

	test("closed for some pods only", () => {
		const some = { ...closed, podSelector: { matchLabels: { app: "grafana" } } };
		const resources = [namespace("monitoring"), networkPolicy("monitoring", some)];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([openBothWays]);
	});

	test("open outwards, because policyTypes left out means Ingress", () => {
		const resources = [namespace("monitoring"), networkPolicy("monitoring", { podSelector: {} })];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([
			"monitoring-namespace: Namespace monitoring has no NetworkPolicy that selects every pod and denies Egress.",
		]);
	});

	test("open inwards, because a rule allows everything", () => {
		const resources = [namespace("monitoring"), networkPolicy("monitoring", { ...closed, ingress: [{}] })];
		expect(stackViolations(kubernetesDefaultDeny, resources)).toEqual([
			"monitoring-policy: NetworkPolicy monitoring/policy allows all Ingress; name peers or ports.",
			"monitoring-namespace: Namespace monitoring has no NetworkPolicy that selects every pod and denies Ingress.",
		]);
	});

	test("closed only by a patch of a policy that the program does not declare", () => {
		const patch = {
			...networkPolicy("monitoring", closed),
			type: "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch",
		};
		expect(stackViolations(kubernetesDefaultDeny, [namespace("monitoring"), patch])).toEqual([openBothWays]);
	});

	test("in a list", () => {
		const list = { type: "kubernetes:core/v1:NamespaceList", props: { items: [{ metadata: { name: "hidden" } }] } };
		expect(stackViolations(kubernetesDefaultDeny, [list])).toEqual([
			"subject: Namespace hidden has no NetworkPolicy that selects every pod and denies Ingress and Egress.",
		]);
	});

	test("without a name, for which no policy can be found", () => {
		const unnamed = { ...networkPolicy("", closed), props: { metadata: {}, spec: closed } };
		expect(stackViolations(kubernetesDefaultDeny, [namespace(undefined), unnamed])).toEqual([
			expect.stringContaining("Namespace of undefined-namespace (it has no metadata.name)"),
		]);
	});

	test("whose name is unknown at preview", () => {
		expect(stackViolations(kubernetesDefaultDeny, [namespace(unknown)])).toEqual([
			expect.stringContaining("metadata.name is not known at preview"),
		]);
	});
});
