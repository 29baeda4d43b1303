/** Rules across objects over a rendered chart, together with what the program declares around it. */
import { expect, test } from "vitest";
import { type ChartRule, evaluateObjects } from "../../../compliance/charts/evaluate-objects.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import { rules } from "../../../policies/rules/index.ts";

const today = "2026-12-01";

function declared(type: string, props: Record<string, unknown>): Resource {
	return { type, name: "declared", urn: `urn::${type}`, props, opts: { ignoreChanges: [], protect: false } };
}

function evaluate(policy: string, manifest: string, ...context: Resource[]): string[] {
	const rule = rules.find(({ name }) => name === policy)!;
	if ("checkResource" in rule) {
		throw new TypeError(`${policy} reads no objects.`);
	}
	return evaluateObjects("traefik", manifest, [rule], [], today, context).violations;
}

const service = `apiVersion: v1
kind: Service
metadata: { name: traefik, namespace: traefik }
spec: { type: LoadBalancer }
`;

test("a Service of a chart may ask for a load balancer when the program announces a pool", () => {
	expect(evaluate("kubernetes-load-balancers", service)).toEqual([
		"kubernetes-load-balancers: Service traefik/traefik asks for a load balancer, but no pool is announced.",
	]);
	const advertisement = declared("kubernetes:metallb.io/v1beta1:L2Advertisement", { metadata: { name: "l2-advert" } });
	expect(evaluate("kubernetes-load-balancers", service, advertisement)).toEqual([]);
});

test("a pod of a chart runs as the default account when it names none", () => {
	const job = `apiVersion: batch/v1
kind: Job
metadata: { name: cleanup, namespace: traefik }
spec: { template: { spec: { containers: [] } } }
`;
	expect(evaluate("kubernetes-default-service-account", job)).toEqual([
		"kubernetes-default-service-account: Job traefik/cleanup runs as the default ServiceAccount; give it one of its own.",
	]);
});

test("a namespace of a chart needs policies of the chart or of the program", () => {
	const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: extra }\n";
	expect(evaluate("kubernetes-default-deny", namespace)).toEqual([
		"kubernetes-default-deny: Namespace extra has no NetworkPolicy that selects every pod and denies Ingress and Egress.",
	]);
	const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
	const policy = { metadata: { name: "deny", namespace: "extra" }, spec };
	const own = `${namespace}---\n${JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...policy })}\n`;
	expect(evaluate("kubernetes-default-deny", own)).toEqual([]);
	const ofProgram = declared("kubernetes:networking.k8s.io/v1:NetworkPolicy", policy);
	expect(evaluate("kubernetes-default-deny", namespace, ofProgram)).toEqual([]);
});

test("a policy of a chart is refused when it allows everything in the program's namespace", () => {
	const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: traefik, namespace: traefik }
spec: { podSelector: { matchLabels: { app: traefik } }, ingress: [{}] }
`;
	expect(evaluate("kubernetes-default-deny", policy)).toEqual([
		"kubernetes-default-deny: NetworkPolicy traefik/traefik allows all Ingress; name peers or ports.",
	]);
});

test("a chart is not refused for a violation of the program", () => {
	const namespace = declared("kubernetes:core/v1:Namespace", { metadata: { name: "open" } });
	expect(evaluate("kubernetes-default-deny", service, namespace)).toEqual([]);
});

test("an entry of the list accepts a violation across objects, and is used", () => {
	const rule = rules.find(({ name }) => name === "kubernetes-load-balancers")!;
	const deviation = {
		chart: "traefik",
		policy: "kubernetes-load-balancers",
		resource: "Service traefik/traefik",
		reason: "Another load balancer assigns the address.",
		expires: "2027-01-01",
	};
	const { violations, used } = evaluateObjects("traefik", service, [rule as ChartRule], [deviation], today);
	expect(violations).toEqual([]);
	expect([...used]).toEqual([deviation]);
});

test("a malformed object is one sentence", () => {
	const odd = "apiVersion: v1\nkind: Pod\nmetadata: { name: app }\nspec: { initContainers: 5 }\n";
	expect(evaluate("kubernetes-privileged-containers", odd)).toEqual([
		"kubernetes-privileged-containers: spec.initContainers of Pod app is not a list, so this rule cannot be decided.",
	]);
	expect(() => evaluate("kubernetes-privileged-containers", "just text\n")).toThrow(
		"the manifest of traefik is not an object",
	);
});
