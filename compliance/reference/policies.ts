/** The page of all policies, for `npm run docs`. */
import { benchmark, controlsOf } from "../../policies/benchmark/index.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

const groups = {
	program: "The whole program",
	vm: "Machines",
	rke2: "RKE2",
	kubernetes: "Kubernetes objects",
	helm: "Helm releases",
} as const;

export function policiesPage(rules: readonly Rule[]): string {
	return [
		"# Policies",
		"",
		"<!-- Written by `npm run docs` from policies/rules. -->",
		"",
		`The ${rules.length} policies of the pack. Controls are those of ${benchmark.name} ${benchmark.version}; a dash stands where a policy goes`,
		"beyond them. [How the controls are decided](README.md), [ids of other frameworks](frameworks.md).",
		...Object.entries(groups).flatMap(([group, title]) => [
			"",
			`## ${title}`,
			"",
			row(["Policy", "Severity", "Controls", "Requires", "Refuses, for example"]),
			row(["---", "---", "---", "---", "---"]),
			...rules.filter(({ name }) => name.startsWith(`${group}-`)).map((rule) => row(cellsOf(rule))),
		]),
		"",
	].join("\n");
}

function cellsOf(rule: Rule): string[] {
	const { name, severity, description, examples, level } = rule;
	const controls = controlsOf(rule).map(({ id }) => id);
	return [
		`\`${name}\``,
		level === undefined ? severity : `${severity}, warns only`,
		controls.join(", ") || "-",
		description,
		examples.map(({ change }) => change).join("; "),
	];
}

function row(cells: readonly string[]): string {
	return `| ${cells.join(" | ")} |`;
}
