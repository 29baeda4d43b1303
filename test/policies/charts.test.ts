import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseDeviations } from "../../policies/charts/deviations.ts";
import { reviewChart } from "../../policies/charts/review.ts";
import { rules } from "../../policies/rules/index.ts";
import { kubernetesHostNamespaces } from "../../policies/rules/kubernetes-host-namespaces.ts";

const today = "2026-12-01";
const manifest = `apiVersion: v1
kind: ServiceAccount
metadata: { name: speaker, namespace: metallb-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: speaker, namespace: metallb-system }
spec: { template: { spec: { hostNetwork: true } } }
`;
const deviation = {
	chart: "metallb",
	policy: "kubernetes-host-namespaces",
	control: "5.2.5",
	resource: "DaemonSet metallb-system/speaker",
	reason: "The speaker answers ARP.",
	expires: "2027-01-01",
};
const review = (...deviations: (typeof deviation)[]) =>
	reviewChart("metallb", manifest, [kubernetesHostNamespaces], deviations, today);
const violation = "kubernetes-host-namespaces: DaemonSet metallb-system/speaker has hostNetwork; remove it.";

describe("a rendered chart", () => {
	test("is held to the same rules as the program's own objects", () => {
		expect(review().violations).toEqual([violation]);
	});

	test("may differ as the list says, and the entry counts as used", () => {
		const { violations, used } = review(deviation);
		expect(violations).toEqual([]);
		expect([...used]).toEqual([deviation]);
	});

	test("may not differ as the list says of another chart", () => {
		const { violations, used } = review({ ...deviation, chart: "traefik" });
		expect(violations).toEqual([violation]);
		expect(used.size).toBe(0);
	});

	test("may not differ any more once the entry has expired", () => {
		expect(review({ ...deviation, expires: "2026-11-30" }).violations).toEqual([
			expect.stringContaining("expired on 2026-11-30"),
		]);
	});

	test("that is not YAML is refused", () => {
		expect(() => reviewChart("metallb", "a: [\n", [kubernetesHostNamespaces], [], today)).toThrow();
	});
});

describe("the list of deviations", () => {
	const policies = rules.map(({ name }) => name);
	const parse = (changes: object) => parseDeviations(JSON.stringify([{ ...deviation, ...changes }]), policies);

	test("of the project is well formed", () => {
		const text = readFileSync(new URL("../../policies/charts/deviations.yaml", import.meta.url), "utf8");
		expect(parseDeviations(text, policies).length).toBeGreaterThan(0);
	});

	test.each([
		[{ policy: "kubernetes-host-namespace" }, "deviations.yaml: kubernetes-host-namespace is no policy of the pack."],
		[
			{ control: "5.2.2" },
			"deviations.yaml: kubernetes-host-namespaces does not decide the control 5.2.2; allowed is 5.2.3, 5.2.4, 5.2.5.",
		],
		[{ expires: "soon" }, "deviations.yaml: 0.expires: must be a day as YYYY-MM-DD."],
	])("with %j is refused in one sentence", (changes, sentence) => {
		expect(() => parse(changes)).toThrow(sentence);
	});
});
