import { expect, test } from "vitest";
import { assess } from "../../policies/compliance/assess.ts";
import { renderHtml, renderMarkdown } from "../../policies/compliance/render.ts";
import type { Verdict } from "../../policies/lib/exceptions.ts";
import { rules } from "../../policies/rules/index.ts";

const clean = new Map<string, Verdict>(rules.map(({ name }) => [name, { violations: [], accepted: [] }]));
const result = (id: string, verdicts: ReadonlyMap<string, Verdict>, live?: string) =>
	assess(verdicts, live).controls.find((control) => control.id === id);

test("every control is assessed once, by one thing", () => {
	const { benchmark, controls } = assess(clean);
	expect(benchmark).toBe("CIS Kubernetes v1.12");
	expect(controls).toHaveLength(131);
	expect(new Set(controls.map(({ id }) => id)).size).toBe(131);
});

test("a control fails with the sentences of any of its policies", () => {
	const violated = new Map(clean).set("kubernetes-host-ports", {
		violations: [{ message: "Container web takes a port." }],
		accepted: [],
	});
	expect(result("5.2.12", violated)).toMatchObject({ result: "fail", evidence: ["Container web takes a port."] });
	expect(result("5.2.11", violated)).toMatchObject({ result: "pass" });
});

test("a control whose policy is switched off, or whose node nobody asked, stays open", () => {
	const without = new Map(clean);
	without.delete("rke2-cni");
	expect(result("5.3.1", without)).toMatchObject({ decidedBy: "policy rke2-cni", result: "open" });
	expect(result("1.1.1", clean)).toMatchObject({ decidedBy: "live check 1.1.1", result: "open" });
});

test("a control of the nodes is what the worst of their files says", () => {
	const passing = "1.1.1 pass /kube-apiserver.yaml 600";
	expect(result("1.1.1", clean, `${passing}\n`)).toMatchObject({ result: "pass", evidence: [passing] });
	const failing = "1.1.1 fail /kube-apiserver.yaml 644";
	expect(result("1.1.1", clean, `${passing}\n${failing}\n1.1.11 fail /db/etcd 755\n`)).toMatchObject({
		result: "fail",
		evidence: [failing],
	});
	expect(result("1.1.1", clean, "1.1.1 absent /kube-apiserver.yaml -\n")).toMatchObject({ result: "open" });
});

test("what a policy decided is confirmed by the nodes that run it, or fails on them", () => {
	const [passing, failing] = [
		"1.3.2 pass kube-controller-manager:profiling false",
		"1.3.2 fail kube-controller-manager:profiling true",
	];
	const said = "No violation in a preview of the stack from nothing.";
	expect(result("1.3.2", clean, `${passing}\n`)).toMatchObject({ result: "pass", evidence: [said, passing] });
	expect(result("1.3.2", clean, `${passing}\n${failing}\n`)).toMatchObject({ result: "fail", evidence: [failing] });
	const violated = new Map(clean).set("rke2-controller-manager-arguments", {
		violations: [{ message: "It profiles." }],
		accepted: [],
	});
	expect(result("1.3.2", violated, `${passing}\n`)).toMatchObject({ result: "fail" });
});

test("an accepted violation is no pass, and is listed with its reason and its last day", () => {
	const exception = { resource: "*-converge", reason: "No <private> images.", expires: "2027-06-30" };
	const verdict = { violations: [], accepted: [{ violation: { message: "It is off." }, exception }] };
	const assessment = assess(new Map(clean).set("rke2-always-pull-images", verdict));
	expect(assessment.controls.find(({ id }) => id === "1.2.11")).toMatchObject({ result: "accepted" });
	expect(renderMarkdown(assessment)).toContain(
		"- `rke2-always-pull-images` for *-converge until 2027-06-30: No <private> images.",
	);
	expect(renderHtml(assessment)).toContain("until 2027-06-30: No &#60;private&#62; images.");
});
