/**
 * Writes what holds of every control of the benchmark on a stack, with its evidence:
 *
 *     npm run compliance -- --out DIR [--stack FILE] [--profile NAME] [--live FILE]
 *
 * `--live` takes what live/check-node.sh printed on the nodes, of all of them in one file. Writes compliance.md,
 * compliance.json and compliance.html. Ends with 1 when a control fails or its policies saw nothing to judge, and when a
 * mandatory rule beyond the benchmark is violated.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chartRepositories } from "../../components/platform/chart.ts";
import { stackValues } from "../../src/stack-from-file.ts";
import { parseDeviations } from "../charts/deviations.ts";
import { assess, isRefused } from "../compliance/assess.ts";
import { isConcerned } from "../compliance/concerned.ts";
import { nodesOf } from "../compliance/nodes.ts";
import { renderHtml, renderMarkdown, summary } from "../compliance/render.ts";
import { currentDay } from "../lib/exceptions.ts";
import { type ProfileName, profileNames, readProfile } from "../profiles.ts";
import { rules } from "../rules/index.ts";
import { judge, mandatoryRules, toResource } from "./judge.ts";
import { previewStack } from "./preview.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";

const { values } = parseArgs({
	options: {
		out: { type: "string" },
		stack: { type: "string", default: "Pulumi.lab.yaml" },
		profile: { type: "string", default: "lab" },
		live: { type: "string" },
	},
});

if (!values.out) {
	console.error("compliance needs --out DIR, the directory that it writes to.");
	process.exitCode = 2;
} else if (!profileNames.includes(values.profile as ProfileName)) {
	console.error(`--profile ${values.profile} does not exist; allowed are ${profileNames.join(", ")}.`);
	process.exitCode = 2;
} else {
	const profile = readProfile(values.profile as ProfileName);
	const today = currentDay();
	const resources = (await previewStack(stackValues(values.stack))).map(toResource);
	const installed = new Set(resources.filter(({ type }) => type === releaseType).map(({ props }) => props.chart));
	const deviations = parseDeviations(
		readFileSync(new URL("../charts/deviations.yaml", import.meta.url), "utf8"),
		Object.keys(chartRepositories),
		rules.filter((rule) => !("checkResource" in rule)).map(({ name }) => name),
		today,
	);
	const assessment = assess({
		rules,
		verdicts: judge(rules, resources, profile, today),
		concerned: new Set(rules.filter((rule) => isConcerned(rule, resources)).map(({ name }) => name)),
		mandatory: mandatoryRules(rules, profile),
		deviations: deviations.filter(({ chart }) => installed.has(chart)),
		today,
		nodes: nodesOf(resources),
		live: values.live && readFileSync(values.live, "utf8"),
	});
	mkdirSync(values.out, { recursive: true });
	writeFileSync(join(values.out, "compliance.json"), `${JSON.stringify(assessment, null, "\t")}\n`);
	writeFileSync(join(values.out, "compliance.md"), renderMarkdown(assessment));
	writeFileSync(join(values.out, "compliance.html"), renderHtml(assessment));
	console.log(`${assessment.benchmark}, ${summary(assessment.controls)}.`);
	for (const { policy, result, evidence } of assessment.beyond.filter(({ result }) => result === "fail")) {
		console.log(`${policy} is a ${result}: ${evidence.join(" ")}`);
	}
	process.exitCode = isRefused(assessment) ? 1 : 0;
}
