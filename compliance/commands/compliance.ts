/**
 * Writes the assessment of a stack, every control of the benchmark with its result and evidence:
 *
 *     npm run compliance -- --out DIR [--stack FILE] [--profile NAME] [--live FILE]
 *
 * `--live` takes the output of live/check-node.sh, of all nodes in one file. Writes compliance.md, compliance.json and
 * compliance.html. Ends with 1 when a control fails or its policies found nothing to evaluate, and when a mandatory rule
 * beyond the benchmark is violated.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PolicyPackConfig } from "@pulumi/policy";
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { type ProfileName, profileNames, readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, runCommand, UsageError } from "../../src/commands/command.ts";
import { makeDirectory, makeSureIsWritable, readText, writeText } from "../../src/commands/files.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { chartRepositories } from "../../src/facts/add-ons.ts";
import { parseDeviations } from "../charts/deviations.ts";
import { evaluateStack, mandatoryRules, toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import { applicabilityOf } from "../evidence/applicable.ts";
import { type Assessment, assess, isRefused } from "../evidence/assess.ts";
import { nodesOf } from "../evidence/nodes.ts";
import { renderHtml, renderMarkdown, summary } from "../evidence/render.ts";

await runCommand("compliance", async () => {
	const { values } = parseArgs({
		options: {
			out: { type: "string" },
			stack: { type: "string", default: "Pulumi.lab.yaml" },
			profile: { type: "string", default: "lab" },
			live: { type: "string" },
		},
	});
	const { out, profile, stack, live } = values;
	if (!out) {
		throw new UsageError("--out is missing: the directory to write to");
	}
	if (!isProfile(profile)) {
		throw new UsageError(`--profile ${profile} does not exist; allowed are ${profileNames.join(", ")}`);
	}
	// Before the work, which takes a while.
	const lines = live && readText(live);
	makeDirectory(out);
	for (const format of ["json", "md", "html"]) {
		makeSureIsWritable(join(out, `compliance.${format}`));
	}
	progress("Declaring the resources of the stack and evaluating the rules ...");
	const assessment = await assessStack(stack, readProfile(profile), lines);
	writeText(join(out, "compliance.json"), `${JSON.stringify(assessment, null, "\t")}\n`);
	writeText(join(out, "compliance.md"), renderMarkdown(assessment));
	writeText(join(out, "compliance.html"), renderHtml(assessment));
	console.log(`${assessment.benchmark}, ${summary(assessment.controls)}.`);
	for (const { policy, result, evidence } of assessment.beyond.filter(({ result }) => result === "fail")) {
		console.log(`${policy} is a ${result}: ${evidence.join(" ")}`);
	}
	return !isRefused(assessment);
});

function isProfile(name: string): name is ProfileName {
	return profileNames.some((profile) => profile === name);
}

/**
 * @param path of the stack file
 * @param live output of check-node.sh
 */
async function assessStack(path: string, profile: PolicyPackConfig, live: string | undefined): Promise<Assessment> {
	const today = currentDay();
	const resources = (await previewStack(stackToEvaluate(path).values)).map(toResource);
	const installed = new Set(resources.filter(({ type }) => type === helmRelease).map(({ props }) => props.chart));
	const deviations = parseDeviations(
		readFileSync(new URL("../charts/deviations.yaml", import.meta.url), "utf8"),
		Object.keys(chartRepositories),
		rules.filter((rule) => !("checkResource" in rule)),
		today,
	);
	return assess({
		rules,
		verdicts: evaluateStack(rules, resources, profile, today),
		applicability: new Map(rules.map((rule) => [rule.name, applicabilityOf(rule, resources)])),
		mandatory: mandatoryRules(rules, profile),
		deviations: deviations.filter(({ chart }) => installed.has(chart)),
		today,
		nodes: nodesOf(resources),
		live,
	});
}
