/**
 * `npm run review -- --base REF`: what this tree changes for each cluster against REF, without credentials, a network or Pulumi's
 * CLI. Both sides are wanted states, so nothing that a person did by hand shows. With `--charts DIR` Helm renders the charts, too.
 */
import { parseArgs } from "node:util";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "../../src/commands/command.ts";
import { makeSureIsWritable, writeText } from "../../src/commands/files.ts";
import { reviewCharts } from "../charts/releases.ts";
import { compare } from "../compare/compare.ts";
import type { Review } from "../compare/review.ts";
import { renderFailure, renderMarkdown } from "../forms/markdown.ts";
import { renderPage } from "../forms/page/page.ts";
import { renderText } from "../forms/text.ts";
import type { Recording } from "../recording/recording.ts";
import { readRecording, recordCommit, recordThisTree, type Scope } from "../recording/trees.ts";

/** Beside 0, 1 and 2, which every command has. */
const exitCodes: Readonly<Record<Review["verdict"], number>> = {
	"no change": 0,
	"not disruptive": 0,
	disruptive: 3,
	forbidden: 4,
};

await runCommand("review", async () => {
	const { values: options } = parseArgs({
		options: {
			json: { type: "string" },
			markdown: { type: "string" },
			html: { type: "string" },
			base: { type: "string" },
			"base-recording": { type: "string" },
			record: { type: "string" },
			install: { type: "boolean", default: false },
			charts: { type: "string" },
			download: { type: "boolean", default: false },
			helm: { type: "string", default: "helm" },
			stack: { type: "string", multiple: true, default: [] },
		},
	});
	const { base, record, stack: stacks, "base-recording": baseRecording } = options;
	if ([base, baseRecording, record].filter((option) => option !== undefined).length !== 1) {
		throw new UsageError("One of --base, --base-recording and --record is needed");
	}
	const { markdown, html, install, charts, download, helm } = options;
	if (install && base === undefined) {
		throw new UsageError("--install needs --base, whose packages it installs");
	}
	if (charts === undefined && download) {
		throw new UsageError("--download needs --charts, the directory that it downloads into");
	}
	if (charts !== undefined && record !== undefined) {
		throw new UsageError("--charts renders the charts of two trees, and --record records one");
	}
	const writeResult = resultFor(options.json);
	for (const file of [markdown, html].filter((one) => one !== undefined)) {
		makeSureIsWritable(file);
	}
	const scope: Scope = { stacks, day: currentDay() };
	if (record !== undefined) {
		makeSureIsWritable(record);
		progress("Recording what this tree wants ...");
		writeText(record, `${JSON.stringify(await recordThisTree(scope))}\n`);
		return true;
	}
	progress("Recording what both trees want ...");
	const before = () =>
		baseRecording === undefined ? recordCommit(base!, scope, install) : readRecording(baseRecording, scope);
	const [old, now] = await Promise.all([before(), recordThisTree(scope)]).catch((error: Error) => {
		// The comment of an earlier push would be read as one about this push.
		if (markdown !== undefined) {
			writeText(markdown, renderFailure(error.message));
		}
		throw error;
	});
	refuseUnknownStacks(stacks, [old, now]);
	if (charts !== undefined) {
		progress("Rendering the charts of the releases that differ ...");
	}
	const rendered =
		charts === undefined ? undefined : await reviewCharts(old, now, { packages: charts, download, helm });
	const review = compare(base ?? baseRecording!, old, now, rendered);
	writeResult(review);
	if (markdown !== undefined) {
		writeText(markdown, renderMarkdown(review));
	}
	if (html !== undefined) {
		writeText(html, renderPage(review, { before: old, after: now }));
	}
	sayTo(options.json)(renderText(review).trimEnd());
	return exitCodes[review.verdict];
});

function refuseUnknownStacks(names: readonly string[], sides: readonly Recording[]): void {
	const unknown = names.filter((name) => !sides.some(({ stacks }) => stacks.some((stack) => stack.name === name)));
	if (unknown.length > 0) {
		throw new UsageError(`--stack ${unknown.join(", ")}: neither tree has Pulumi.${unknown[0]}.yaml`);
	}
}
