/** The page about the checks of other tools, for `npm run docs`. */
import { benchmark, controls } from "../../policies/benchmark/index.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";
import { type Mapping, type Oracle, oracles } from "../oracles/oracles.ts";

export function oraclesPage(rules: readonly Rule[]): string {
	return [
		"# Checks of other tools",
		"",
		"<!-- Written by `npm run docs` from compliance/oracles. -->",
		"",
		"What decides here each check of kube-bench, of Checkov for Kubernetes and of Kubescape, or the reason why nothing does. Only the ids are",
		`theirs. Controls are those of ${benchmark.name} ${benchmark.version}; [the list of policies](policies.md) and [the live checks](README.md) decide them.`,
		"[ADR 68](../adr/0068-other-tools-are-asked-for-their-verdict.md) says how they are kept true.",
		...oracles(rules).flatMap((oracle) =>
			oracle.name === "kube-bench" ? sectionOfKubeBench(oracle) : sectionOf(oracle),
		),
		"",
	].join("\n");
}

function sectionOfKubeBench({ name, differences }: Oracle): string[] {
	return [
		"",
		`## ${name}`,
		"",
		"Its checks have the ids of the benchmark, so that each is the control with its number.",
		...differencesOf(`Where ${name} and [the live check](README.md) disagree on a node:`, differences),
	];
}

function differencesOf(title: string, differences: Oracle["differences"]): string[] {
	return differences.length === 0
		? []
		: [
				"",
				title,
				"",
				"| Check | Objects | Because |",
				"| --- | --- | --- |",
				...[...Map.groupBy(differences, ({ because, objects }) => `${objects.join(", ")} | ${because}`)].map(
					([rest, group]) => `| ${group.map(({ check }) => check).join(", ")} | ${rest} |`,
				),
			];
}

function sectionOf({ name, checks, differences }: Oracle): string[] {
	const decided = checks.filter(({ mapping }) => !("because" in mapping));
	const open = Map.groupBy(
		checks.filter(({ mapping }) => "because" in mapping),
		({ mapping }) => (mapping as { because: string }).because,
	);
	return [
		"",
		`## ${name}`,
		"",
		`${decided.length} of ${checks.length} checks are decided here.`,
		"",
		"| Check | Decided by |",
		"| --- | --- |",
		...decided.map(({ id, mapping }) => `| ${id} | ${deciderOf(mapping)} |`),
		"",
		"| Not decided here | Because |",
		"| --- | --- |",
		...[...open].map(([because, group]) => `| ${group.map(({ id }) => id).join(", ")} | ${because} |`),
		...differencesOf(`Where ${name} fails an object of the lab that the pack passes:`, differences),
	];
}

function deciderOf(mapping: Mapping): string {
	if ("control" in mapping) {
		return `control ${mapping.control}: ${controls[mapping.control].title}`;
	}
	return "rules" in mapping ? mapping.rules.map((rule) => `\`${rule}\``).join(", ") : "";
}
