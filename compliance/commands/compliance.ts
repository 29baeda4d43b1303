/**
 * Writes the assessment of a stack, every control of the benchmark with its result and evidence:
 *
 *     npm run compliance -- --out DIR [--stack FILE] [--profile NAME] [--live FILE] [--json FILE]
 *
 * `--live` takes the output of live/check-node.sh, of all nodes in one file. Writes compliance.md, compliance.json and
 * compliance.html. Ends with 1 when a control fails or its policies found nothing to evaluate, and when a mandatory rule
 * beyond the benchmark is violated.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { type ProfileName, profileNames, readProfile } from "../../policies/profiles/index.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "../../src/commands/command.ts";
import { makeDirectory, makeSureIsWritable, readText, writeText } from "../../src/commands/files.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import { isRefused } from "../evidence/assess.ts";
import { assessStack } from "../evidence/assess-stack.ts";
import { renderHtml, renderMarkdown, summary } from "../evidence/render.ts";

await runCommand("compliance", async () => {
	const { values } = parseArgs({
		options: {
			out: { type: "string" },
			stack: { type: "string", default: "Pulumi.lab.yaml" },
			profile: { type: "string", default: "lab" },
			live: { type: "string" },
			json: { type: "string" },
		},
	});
	const { out, profile, stack, live } = values;
	if (!out) {
		throw new UsageError("--out is missing: the directory to write to");
	}
	if (!isProfile(profile)) {
		throw new UsageError(`--profile ${profile} does not exist; allowed are ${profileNames.join(", ")}`);
	}
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	// Before the work, which takes a while.
	const lines = live && readText(live);
	makeDirectory(out);
	for (const format of ["json", "md", "html"]) {
		makeSureIsWritable(join(out, `compliance.${format}`));
	}
	progress("Declaring the resources of the stack and evaluating the rules ...");
	const resources = (await previewStack(stackToEvaluate(stack).values)).map(toResource);
	const { assessment } = assessStack(resources, readProfile(profile), currentDay(), lines);
	writeText(join(out, "compliance.json"), `${JSON.stringify(assessment, null, "\t")}\n`);
	writeText(join(out, "compliance.md"), renderMarkdown(assessment));
	writeText(join(out, "compliance.html"), renderHtml(assessment));
	writeResult(assessment);
	say(`${assessment.benchmark}, ${summary(assessment.controls)}.`);
	for (const { policy, result, evidence } of assessment.beyond.filter(({ result }) => result === "fail")) {
		say(`${policy} is a ${result}: ${evidence.join(" ")}`);
	}
	return !isRefused(assessment);
});

function isProfile(name: string): name is ProfileName {
	return profileNames.some((profile) => profile === name);
}
