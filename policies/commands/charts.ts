/**
 * Renders the charts of the stack with the program's own values, without a cluster, and puts the rules about Kubernetes
 * objects to what comes out:
 *
 *     npm run policy:charts -- [--charts DIR] [--helm PATH] [--stack FILE]
 *
 * `--charts` is a directory with one unpacked chart a folder; left out, the rehearsal's stand-in charts are judged, which
 * says nothing about the publishers' own. Ends with 1 for a violation that charts/deviations.yaml does not list, and for
 * an entry there that matches nothing.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseDeviations } from "../charts/deviations.ts";
import { reviewChart } from "../charts/review.ts";
import { currentDay } from "../lib/exceptions.ts";
import type { ObjectRule } from "../lib/rule.ts";
import { rules } from "../rules/index.ts";
import { toResource } from "./judge.ts";
import { previewStack } from "./preview.ts";
import { stackValues } from "./stack-values.ts";

const standIns = new URL("../../rehearsal/charts", import.meta.url).pathname;

interface Release {
	chart: string;
	namespace: string;
	values: Record<string, unknown>;
}

const { values: options } = parseArgs({
	options: {
		charts: { type: "string" },
		helm: { type: "string", default: "helm" },
		stack: { type: "string", default: "Pulumi.lab.yaml" },
	},
});
const objectRules = rules.filter((rule): rule is ObjectRule => "checkObject" in rule);
const deviations = parseDeviations(
	readFileSync(new URL("../charts/deviations.yaml", import.meta.url), "utf8"),
	objectRules.map(({ name }) => name),
);
const resources = (await previewStack(stackValues(options.stack))).map(toResource);
const releases = resources.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
const problems: string[] = [];
const used = new Set<unknown>();

if (!options.charts) {
	console.log("Judged are the rehearsal's stand-in charts, not the publishers' own; give those by --charts DIR.");
}
for (const { props } of releases) {
	const { chart, namespace, values } = props as unknown as Release;
	const folder = join(options.charts ?? standIns, chart);
	try {
		const manifest = execFileSync(
			options.helm,
			["template", chart, folder, "--namespace", namespace, "--include-crds", "--values", "-"],
			{ input: JSON.stringify(values), encoding: "utf8", maxBuffer: 64 << 20, stdio: ["pipe", "pipe", "pipe"] },
		);
		const review = reviewChart(chart, manifest, objectRules, deviations, currentDay());
		problems.push(...review.violations.map((violation) => `${chart}: ${violation}`));
		for (const deviation of review.used) {
			used.add(deviation);
		}
	} catch (error) {
		const [reason] = String((error as { stderr?: string }).stderr || (error as Error).message).split("\n");
		problems.push(`${chart}: ${folder} cannot be rendered with ${options.helm}: ${reason}`);
	}
}
for (const deviation of deviations.filter((entry) => !used.has(entry))) {
	problems.push(
		`deviations.yaml: ${deviation.policy} for ${deviation.resource} of ${deviation.chart} covers nothing any more; remove it.`,
	);
}
for (const problem of problems) {
	console.error(problem);
}
console.log(`${releases.length} charts, ${used.size} known deviations, ${problems.length} problems.`);
process.exitCode = problems.length > 0 ? 1 : 0;
