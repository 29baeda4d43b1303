/** The checks of other tools: each is mapped, and Checkov's verdicts about the lab agree with the pack's. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluateStack, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { listedIds, type Mapping, oracles } from "../../../compliance/oracles/oracles.ts";
import { oraclesPage } from "../../../compliance/reference/oracles.ts";
import { controls } from "../../../policies/benchmark/index.ts";
import { objectsOf } from "../../../policies/lib/kubernetes/objects.ts";
import type { Rule } from "../../../policies/lib/rules/rule.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { labValues } from "../../fixtures/lab.ts";

/** A day on which every exception of the profiles holds. */
const today = "2026-12-01";

const program = process.env.CHECKOV ?? "checkov";
const hasCheckov = spawnSync(program, ["--version"]).status === 0;

test("kube-bench has the controls of the benchmark", () => {
	expect([...listedIds()["kube-bench"]].sort()).toEqual(Object.keys(controls).sort());
});

test("each check of each tool is mapped once", () => {
	const found = oracles(rules).map(({ name, checks }) => [
		name,
		checks.length,
		new Set(checks.map(({ id }) => id)).size,
	]);
	expect(found).toEqual([
		["kube-bench", 131, 131],
		["Checkov", 119, 119],
		["Kubescape", 281, 281],
	]);
});

test("a rule of a mapping has to be a rule of the pack", () => {
	expect(() => oracles(rules.filter(({ name }) => name !== "kubernetes-image-tags"))).toThrow(
		"compliance/oracles/checkov.yaml: CKV_K8S_14 names kubernetes-image-tags, which is no rule; CKV_K8S_43 names kubernetes-image-tags, which is no rule.",
	);
});

test("the page in docs/compliance is the one of the mappings", () => {
	const page = new URL("../../../docs/compliance/other-tools.md", import.meta.url);
	expect(readFileSync(page, "utf8")).toBe(oraclesPage(rules));
});

/** The rules that decide a check here; none where nothing does. */
function decidersOf(mapping: Mapping): readonly Rule[] {
	if ("control" in mapping) {
		return rules.filter((rule) => rule.controls.includes(mapping.control));
	}
	return "rules" in mapping ? rules.filter(({ name }) => mapping.rules.includes(name)) : [];
}

describe.runIf(hasCheckov)("Checkov on the lab's objects", () => {
	const checkov = oracles(rules).find(({ name }) => name === "Checkov")!;

	test("has the checks that are mapped", () => {
		const list = spawnSync(program, ["--list", "--framework", "kubernetes"], { encoding: "utf8" }).stdout;
		const ids = new Set(list.match(/CKV2?_K8S_\d+/g));
		expect([...ids].filter((id) => !checkov.checks.some((check) => check.id === id))).toEqual([]);
	});

	test("fails what a policy refuses or accepts by an exception, and the listed differences", async () => {
		const lab = (await previewStack(labValues())).map(toResource);
		const failed = checkovFailures(
			lab
				.flatMap(objectsOf)
				.filter(({ patch }) => !patch)
				.map(({ manifest }) => manifest),
		);
		const verdicts = evaluateStack(rules, lab, readProfile("lab"), today);
		const noticed = ({ name }: Rule, object: string) => {
			const { violations = [], accepted = [] } = verdicts.get(name) ?? {};
			return [...violations, ...accepted.map(({ violation }) => violation)].some(({ subject }) => subject === object);
		};
		const disagreeing = failed.filter(({ id, object }) => {
			const deciders = decidersOf(checkov.checks.find((check) => check.id === id)!.mapping);
			return deciders.length > 0 && !deciders.some((rule) => noticed(rule, object));
		});
		expect(disagreeing.length).toBeGreaterThan(0);
		expect(disagreeing.filter(({ id, object }) => !isListed(id, object))).toEqual([]);
		const unneeded = checkov.differences.filter(
			({ check, objects }) =>
				!objects.every((name) => disagreeing.some(({ id, object }) => id === check && fits(name, object))),
		);
		expect(unneeded).toEqual([]);
	});

	function isListed(id: string, object: string): boolean {
		return checkov.differences.some(({ check, objects }) => check === id && objects.some((name) => fits(name, object)));
	}
});

if (!hasCheckov) {
	test("Checkov is not on this machine, so that nobody compared its verdicts: put it on PATH, or its path into CHECKOV", (context) => {
		context.skip();
	});
}

function fits(name: string, object: string): boolean {
	return name.endsWith("*") ? object.startsWith(name.slice(0, -1)) : object === name;
}

interface Failure {
	id: string;
	/** `Kind namespace/name` */
	object: string;
}

function checkovFailures(manifests: readonly object[]): Failure[] {
	const directory = mkdtempSync(join(tmpdir(), "checkov-"));
	try {
		for (const [index, manifest] of manifests.entries()) {
			writeFileSync(join(directory, `${index}.json`), JSON.stringify(manifest));
		}
		const options = ["--framework", "kubernetes", "-o", "json", "--quiet", "--compact"];
		const { stdout } = spawnSync(program, ["-d", directory, ...options], { encoding: "utf8", maxBuffer: 2 ** 26 });
		const { results } = JSON.parse(stdout) as {
			results: { failed_checks: { check_id: string; resource: string }[] };
		};
		return results.failed_checks.map(({ check_id, resource }) => {
			const [kind = "", namespace = "", ...name] = resource.split(".");
			return { id: check_id, object: `${kind} ${namespace}/${name.join(".")}` };
		});
	} finally {
		rmSync(directory, { recursive: true });
	}
}
