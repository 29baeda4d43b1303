import { describe, expect, test } from "vitest";
import type { Deviation } from "../../../compliance/charts/deviations.ts";
import { applicabilityOf } from "../../../compliance/evidence/applicable.ts";
import { assess, isRefused, type Observation } from "../../../compliance/evidence/assess.ts";
import { renderHtml, renderMarkdown } from "../../../compliance/evidence/render.ts";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import type { Verdict } from "../../../policies/lib/rules/violation.ts";
import { rules } from "../../../policies/rules/index.ts";
import { rke2ApiServerArguments } from "../../../policies/rules/rke2/api-server-arguments.ts";
import { serverConfig } from "../policies/bundle.ts";

const noViolations: Verdict = { violations: [], accepted: [], leftOut: [] };
const names = rules.map(({ name }) => name);
const clean: Observation = {
	rules,
	verdicts: new Map<string, Verdict>(names.map((name) => [name, noViolations])),
	applicability: new Map(names.map((name) => [name, "applies"])),
	mandatory: new Set(names),
	deviations: [],
	today: "2026-12-01",
	nodes: [
		{ name: "m1", role: "server" },
		{ name: "w1", role: "agent" },
	],
};

/** What remains of a clean stack when one rule finds something. */
function finding(policy: string, verdict: Partial<Verdict>): Observation {
	return { ...clean, verdicts: new Map(clean.verdicts).set(policy, { ...noViolations, ...verdict }) };
}

const applicabilityOn = (resources: readonly Resource[]) =>
	new Map(rules.map((rule) => [rule.name, applicabilityOf(rule, resources)]));

const result = (id: string, observation: Observation) =>
	assess(observation).controls.find((control) => control.id === id);

test("the assessment has every control once", () => {
	const { benchmark, controls } = assess(clean);
	expect(benchmark).toBe("CIS Kubernetes v1.12");
	expect(controls).toHaveLength(131);
	expect(new Set(controls.map(({ id }) => id)).size).toBe(131);
	expect(isRefused(assess(clean))).toBe(false);
});

const resource = (type: string, props: Record<string, unknown>): Resource => ({
	type,
	name: "subject",
	urn: "",
	props,
	opts: { ignoreChanges: [], protect: false },
});

describe("a violation", () => {
	test("fails the controls of its policy, with its sentence as evidence", () => {
		const violated = finding("kubernetes-host-ports", { violations: [{ message: "Container web takes a port." }] });
		expect(result("5.2.12", violated)).toMatchObject({ result: "fail", evidence: ["Container web takes a port."] });
		expect(result("5.2.11", violated)).toMatchObject({ result: "pass" });
		expect(isRefused(assess(violated))).toBe(true);
	});

	test("of one argument fails only the control of that argument", () => {
		const { type, name = "", props } = serverConfig("kube-apiserver-arg: [anonymous-auth=true]\n");
		const resource = { type, name, urn: "", props, opts: { ignoreChanges: [], protect: false } };
		const violated = finding(rke2ApiServerArguments.name, {
			violations: findViolations(rke2ApiServerArguments, [resource]),
		});
		const failed = assess(violated).controls.filter((control) => control.result === "fail");
		expect(failed.map(({ id }) => id)).toEqual(["1.2.1"]);
	});

	test("of a rule beyond the benchmark is in the report, and makes the command fail when the rule is mandatory", () => {
		const violated = finding("rke2-odd-servers", { violations: [{ message: "Two control planes." }] });
		const assessment = assess(violated);
		expect(assessment.beyond.find(({ policy }) => policy === "rke2-odd-servers")).toMatchObject({
			result: "fail",
			evidence: ["Two control planes."],
		});
		expect(renderMarkdown(assessment)).toContain("| rke2-odd-servers | yes |");
		expect(renderHtml(assessment)).toContain("<td>Two control planes.</td>");
		expect(isRefused(assessment)).toBe(true);
		expect(isRefused(assess({ ...violated, mandatory: new Set() }))).toBe(false);
	});
});

describe("a control that was not evaluated does not pass", () => {
	test("a control is open when its policy is switched off or its node was not checked", () => {
		const without = new Map(clean.verdicts);
		without.delete("rke2-cni");
		expect(result("5.3.1", { ...clean, verdicts: without })).toMatchObject({
			decidedBy: "policy rke2-cni",
			result: "open",
		});
		expect(result("1.1.1", clean)).toMatchObject({ decidedBy: "live check 1.1.1", result: "open" });
	});

	test("an empty stack passes no control, and makes the command fail", () => {
		const applicability = applicabilityOn([]);
		expect([...applicability.values()]).not.toContain("applies");
		const unseen = new Map([...applicability.keys()].map((name) => [name, "not seen"] as const));
		const { controls, ...rest } = assess({ ...clean, applicability: unseen });
		expect(controls.filter((control) => control.result === "pass")).toEqual([]);
		expect(controls.filter((control) => control.result === "not seen").length).toBeGreaterThan(90);
		expect(isRefused({ controls, ...rest })).toBe(true);
	});

	test("rules about servers do not apply to an agent, nor rules about pods to a namespace", () => {
		const { type, props } = serverConfig("profile: cis\n");
		const agent = { ...props, stdin: String(props.stdin).replace("server/manifests", "elsewhere") };
		const namespace = resource("kubernetes:core/v1:Namespace", { metadata: { name: "app" } });
		const about = (resources: Resource[]) =>
			rules.filter((rule) => applicabilityOf(rule, resources) === "applies").map(({ name }) => name);
		const concerned = (server: Record<string, unknown>) => about([resource(type, server), namespace]);
		expect(concerned(props)).toEqual(expect.arrayContaining(["rke2-api-server-arguments", "rke2-kubelet-arguments"]));
		expect(concerned(agent)).toContain("rke2-kubelet-arguments");
		expect(concerned(agent)).not.toContain("rke2-api-server-arguments");
		expect(about([namespace])).toContain("kubernetes-pod-security");
		expect(about([namespace])).not.toContain("kubernetes-host-paths");
	});
});

describe("a control whose subject the stack does not declare", () => {
	const observed = (...resources: Resource[]): Observation => ({
		...clean,
		applicability: applicabilityOn(resources),
	});
	const namespace = resource("kubernetes:core/v1:Namespace", { metadata: { name: "app", labels: {} } });

	test("does not apply, or passes when another policy decides it as well", () => {
		const bare = observed(namespace);
		expect(result("5.6.2", bare)).toMatchObject({
			result: "not applicable",
			evidence: [
				"The stack declares no pods for kubernetes-seccomp to evaluate, beside those of the charts (npm run policy:charts).",
			],
		});
		expect(result("5.1.7", bare)).toMatchObject({ result: "not applicable" });
		expect(result("5.2.2", bare)).toMatchObject({ result: "pass" });
	});

	test("is not seen when the stack declares the subject in a kind that the rule does not read", () => {
		const spec = { template: { spec: { containers: [{ name: "main" }] } } };
		const job = resource("kubernetes:batch.volcano.sh/v1alpha1:Job", { metadata: { name: "job" }, spec });
		expect(result("5.6.2", observed(namespace, job))).toMatchObject({ result: "not seen" });
		const role = resource("kubernetes:rbac.authorization.k8s.io/v2:RoleBinding", { metadata: { name: "role" } });
		expect(result("5.1.7", observed(namespace, role))).toMatchObject({ result: "not seen" });
	});
});

describe("the live checks of nodes", () => {
	test("fail a control when one of its files fails", () => {
		const [passing, failing] = ["m1 1.1.1 pass /kube-apiserver.yaml 600", "m1 1.1.1 fail /kube-apiserver.yaml 644"];
		expect(result("1.1.1", { ...clean, live: `${passing}\n` })).toMatchObject({ result: "pass", evidence: [passing] });
		expect(result("1.1.1", { ...clean, live: `${passing}\n${failing}\nm1 1.1.11 fail /db/etcd 755\n` })).toMatchObject({
			result: "fail",
			evidence: [failing],
		});
		expect(result("1.1.1", { ...clean, live: "m1 1.1.1 absent /kube-apiserver.yaml -\n" })).toMatchObject({
			result: "open",
		});
	});

	test("pass a control when every node that it applies to passes", () => {
		const [server, agent] = ["m1 4.1.5 pass /kubelet.kubeconfig 600", "w1 4.1.5 pass /kubelet.kubeconfig 600"];
		expect(result("4.1.5", { ...clean, live: `${server}\n` })).toMatchObject({
			result: "open",
			evidence: ["Run compliance/live/check-node.sh on w1, which has no result for this control."],
		});
		expect(result("4.1.5", { ...clean, live: `${server}\n${agent}\n` })).toMatchObject({
			result: "pass",
			evidence: [server, agent],
		});
	});

	test("confirm or fail the result of a policy", () => {
		const [passing, failing] = [
			"m1 1.3.2 pass kube-controller-manager:profiling false",
			"m1 1.3.2 fail kube-controller-manager:profiling true",
		];
		const said = "No violation in a preview of the stack from nothing.";
		expect(result("1.3.2", { ...clean, live: `${passing}\n` })).toMatchObject({
			result: "pass",
			evidence: [said, passing],
		});
		expect(result("1.3.2", { ...clean, live: `${passing}\n${failing}\n` })).toMatchObject({
			result: "fail",
			evidence: [failing],
		});
		const violated = finding("rke2-controller-manager-arguments", { violations: [{ message: "It profiles." }] });
		expect(result("1.3.2", { ...violated, live: `${passing}\n` })).toMatchObject({ result: "fail" });
	});
});

test("a control is open when the profile leaves its violation out", () => {
	const violation = { message: "Container web keeps capabilities of the runtime.", control: "5.2.9" };
	const leaving = finding("kubernetes-capabilities", { leftOut: [violation] });
	expect(result("5.2.9", leaving)).toMatchObject({
		result: "open",
		evidence: ["The profile leaves level 2 out.", violation.message],
	});
	expect(result("5.2.8", leaving)).toMatchObject({ result: "pass" });
	expect(isRefused(assess(leaving))).toBe(false);
});

describe("an accepted violation does not pass", () => {
	test("the report lists an exception with its reason and its last day, for its control alone", () => {
		const exception = {
			resource: "DaemonSet kube-system/kube-vip",
			reason: "No <private> node.",
			expires: "2027-06-30",
		};
		const violation = { message: "It has hostNetwork.", control: "5.2.5" };
		const accepted = finding("kubernetes-host-namespaces", { accepted: [{ violation, exception }] });
		expect(result("5.2.5", accepted)).toMatchObject({ result: "accepted" });
		expect(result("5.2.3", accepted)).toMatchObject({ result: "pass" });
		expect(renderMarkdown(assess(accepted))).toContain(
			"- `kubernetes-host-namespaces` for DaemonSet kube-system/kube-vip until 2027-06-30: No \\<private\\> node.",
		);
		expect(renderHtml(assess(accepted))).toContain("until 2027-06-30: No &#60;private&#62; node.");
	});

	test("the report escapes the reason of an exception, so that it cannot forge a part of the report", () => {
		const reason = "One line.\n\n# Heading\n- `injected` <b>*a\\|b*</b> [pass](https://example.com) &lt; ~~fail~~ _x_";
		const escaped =
			"One line. \\# Heading - \\`injected\\` \\<b\\>\\*a\\\\\\|b\\*\\</b\\> \\[pass\\](https://example.com) \\&lt; \\~\\~fail\\~\\~ \\_x\\_";
		const exception = { resource: "DaemonSet *", reason, expires: "2027-06-30" };
		const violation = { message: "It has hostNetwork.", control: "5.2.5" };
		const markdown = renderMarkdown(
			assess(finding("kubernetes-host-namespaces", { accepted: [{ violation, exception }] })),
		);
		expect(markdown.split("\n").filter((line) => line.includes("One line."))).toEqual([
			expect.stringContaining(`| DaemonSet \\* until 2027-06-30: ${escaped} |`),
			`- \`kubernetes-host-namespaces\` for DaemonSet \\* until 2027-06-30: ${escaped}`,
		]);
		expect(markdown.split("\n").filter((line) => line.startsWith("#"))).toHaveLength(3);
	});

	test("the report lists a deviation of a chart until its last day", () => {
		const deviation: Deviation = {
			chart: "metallb",
			policy: "kubernetes-host-namespaces",
			control: "5.2.5",
			resource: "DaemonSet metallb-system/metallb-speaker",
			reason: "The speaker answers ARP.",
			expires: "2027-06-30",
		};
		const deviating = { ...clean, deviations: [deviation] };
		expect(result("5.2.5", deviating)).toMatchObject({
			result: "accepted",
			evidence: [`${deviation.resource} of the chart metallb until 2027-06-30: The speaker answers ARP.`],
		});
		expect(result("5.2.4", deviating)).toMatchObject({ result: "pass" });
		expect(renderMarkdown(assess(deviating))).toContain(
			`for ${deviation.resource} of the chart metallb (control 5.2.5) until 2027-06-30`,
		);
		expect(result("5.2.5", { ...deviating, today: "2027-07-01" })).toMatchObject({ result: "fail" });
	});
});

test("a control has the ids of other frameworks from its policies, in each form of the report", () => {
	const assessment = assess(clean);
	const { serves } = assessment.controls.find(({ id }) => id === "5.3.1")!;
	expect(serves).toEqual({
		cisControls: ["13.4", "4.4"],
		iso27001: ["A.8.20", "A.8.22"],
		nist80053: ["AC-4", "SC-7"],
	});
	const text = "CIS Controls v8.1: 13.4, 4.4; ISO/IEC 27001:2022: A.8.20, A.8.22; NIST SP 800-53 r5: AC-4, SC-7";
	expect(renderMarkdown(assessment)).toContain(text);
	expect(renderHtml(assessment)).toContain(text);
	expect(assessment.controls.find(({ id }) => id === "3.1.1")!.serves.cisControls).toEqual([]);
});
