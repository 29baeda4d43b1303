import { readFileSync } from "node:fs";
import type { PolicyPackConfig } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { evaluateStack } from "../../../compliance/evaluation/evaluate-stack.ts";
import { policiesPage } from "../../../compliance/reference/policies.ts";
import { cisProfile, profileText } from "../../../compliance/reference/profiles.ts";
import { controlsOf, levelOf } from "../../../policies/benchmark/index.ts";
import { profileNames, readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { agentConfig, serverConfig } from "./bundle.ts";
import { type Given, unknown } from "./run-rule.ts";

const names = rules.map(({ name }) => name);

function levels(config: PolicyPackConfig): Record<string, string | undefined> {
	return Object.fromEntries(
		Object.entries(config).map(([name, value]) => [name, typeof value === "string" ? value : value.enforcementLevel]),
	);
}

test.each(profileNames)("the profile %s names only rules of the pack", (profile) => {
	expect(Object.keys(readProfile(profile)).filter((name) => !names.includes(name))).toEqual([]);
});

/**
 * The rules that others rest on: no rule sees a node without a configuration, an unlisted chart, what nobody has recorded, what is gone, or
 * a command that goes elsewhere.
 */
const foundations = [
	"program-known-resources",
	"program-kubeconfig-server",
	"program-complete-stack",
	"program-credentials-in-place",
	"program-host-key-endpoint",
	"program-pinned-host-keys",
	"rke2-config-on-every-node",
	"rke2-node-commands",
	"rke2-equal-commands",
	"rke2-restore-store",
	"helm-listed-charts",
];

test.each([1, 2] as const)("cis-level-%i is what npm run docs writes", (level) => {
	const file = new URL(`../../../policies/profiles/cis-level-${level}.json`, import.meta.url);
	expect(readFileSync(file, "utf8")).toBe(profileText(cisProfile(level, rules, readProfile("lab"))));
});

test("docs/compliance/policies.md is what npm run docs writes", () => {
	const file = new URL("../../../docs/compliance/policies.md", import.meta.url);
	expect(readFileSync(file, "utf8")).toBe(policiesPage(rules));
});

test("the rules that others rest on are mandatory in every profile", () => {
	expect(rules.filter(({ foundation }) => foundation).map(({ name }) => name)).toEqual(foundations);
});
const foundationLevel = (name: string) => (foundations.includes(name) ? "mandatory" : "advisory");

test("cis-level-1 requires rules for level 1 of the benchmark, disables those for level 2 alone and advises the rest", () => {
	const expected = rules.map((rule) => [
		rule.name,
		{ 0: foundationLevel(rule.name), 1: "mandatory", 2: "disabled" }[levelOf(rule) ?? 0],
	]);
	expect(levels(readProfile("cis-level-1"))).toEqual(Object.fromEntries(expected));
});

test("cis-level-2 requires rules for either level of the benchmark and advises the rest", () => {
	const expected = rules.map((rule) => [rule.name, levelOf(rule) ? "mandatory" : foundationLevel(rule.name)]);
	expect(levels(readProfile("cis-level-2"))).toEqual(Object.fromEntries(expected));
});

test("only cis-level-1 has profile levels, for every rule that decides controls of both levels", () => {
	const both = rules.filter((rule) => new Set(controlsOf(rule).map(({ level }) => level)).size === 2);
	const named = profileNames.map((profile) =>
		Object.entries(readProfile(profile)).flatMap(([name, value]) =>
			typeof value === "object" && "profileLevel" in value ? [[name, value.profileLevel]] : [],
		),
	);
	expect(named).toEqual([both.map(({ name }) => [name, 1]), [], []]);
	expect(both.length).toBeGreaterThan(0);
});

describe("a violation under the profile cis-level-1", () => {
	const pod = (drop: unknown): Given => ({
		type: "kubernetes:core/v1:Pod",
		name: "web",
		props: {
			metadata: { name: "web", namespace: "shop" },
			spec: { containers: [{ name: "web", securityContext: { capabilities: { drop } } }] },
		},
	});

	/** Ids of the controls that are broken; a dash for a violation that names none. */
	function broken(profile: (typeof profileNames)[number], rule: string, { type, name = "subject", props }: Given) {
		const resource = { type, name, urn: name, props, opts: { ignoreChanges: [], protect: false } };
		const asked = rules.filter((candidate) => candidate.name === rule);
		const { violations } = evaluateStack(asked, [resource], readProfile(profile), "2026-12-01").get(rule)!;
		return [...new Set(violations.map(({ control = "-" }) => control))];
	}

	test.each<[what: string, rule: string, given: Given, level1: string[], level2: string[]]>([
		["a capability of the runtime", "kubernetes-capabilities", pod(["NET_RAW"]), [], ["5.2.9"]],
		["every capability of the runtime", "kubernetes-capabilities", pod([]), ["5.2.8"], ["5.2.8", "5.2.9"]],
		["unknown capabilities", "kubernetes-capabilities", pod(unknown), ["-"], ["-"]],
		["few events", "rke2-kubelet-arguments", agentConfig("kubelet-arg: [event-qps=1]\n"), [], ["4.2.8"]],
		[
			"admission plugins that are on by default",
			"rke2-admission-plugins",
			serverConfig(
				"kube-apiserver-arg: ['disable-admission-plugins=ServiceAccount,NamespaceLifecycle,NodeRestriction,PodSecurity']\n",
			),
			["1.2.3", "1.2.9", "5.2.1"],
			["1.2.3", "1.2.9", "1.2.12", "1.2.13", "1.2.14", "5.2.1"],
		],
		[
			"another authority for etcd",
			"rke2-etcd-arguments",
			serverConfig("etcd-arg: [auto-tls=true, trusted-ca-file=/ca.crt]\n"),
			["2.3"],
			["2.3", "2.7"],
		],
	])("counts when it breaks a control of level 1: %s", (_, rule, given, level1, level2) => {
		expect(broken("cis-level-1", rule, given)).toEqual(level1);
		expect(broken("cis-level-2", rule, given)).toEqual(level2);
	});
});

test("the profile lab requires every rule", () => {
	expect(Object.values(levels(readProfile("lab"))).filter((level) => level !== "mandatory")).toEqual([]);
});
