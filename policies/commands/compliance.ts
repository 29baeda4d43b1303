/**
 * Writes what holds of every control of the benchmark on a stack, with its evidence:
 *
 *     npm run compliance -- --out DIR [--stack FILE] [--profile NAME] [--live FILE]
 *
 * `--live` takes what live/check-node.sh printed on the nodes, of all of them in one file. Writes compliance.md,
 * compliance.json and compliance.html. Ends with 1 when a control fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assess } from "../compliance/assess.ts";
import { renderHtml, renderMarkdown, summary } from "../compliance/render.ts";
import { type ProfileName, profileNames, readProfile } from "../profiles.ts";
import { rules } from "../rules/index.ts";
import { judge, toResource } from "./judge.ts";
import { previewStack } from "./preview.ts";
import { stackValues } from "./stack-values.ts";

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
	const resources = (await previewStack(stackValues(values.stack))).map(toResource);
	const verdicts = judge(rules, resources, readProfile(values.profile as ProfileName));
	const assessment = assess(verdicts, values.live && readFileSync(values.live, "utf8"));
	mkdirSync(values.out, { recursive: true });
	writeFileSync(join(values.out, "compliance.json"), `${JSON.stringify(assessment, null, "\t")}\n`);
	writeFileSync(join(values.out, "compliance.md"), renderMarkdown(assessment));
	writeFileSync(join(values.out, "compliance.html"), renderHtml(assessment));
	console.log(`${assessment.benchmark}, ${summary(assessment.controls)}.`);
	process.exitCode = assessment.controls.some(({ result }) => result === "fail") ? 1 : 0;
}
