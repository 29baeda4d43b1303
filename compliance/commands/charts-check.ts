/**
 * `npm run charts:check [-- --helm PATH] [--add-digests] [--json FILE] [FILE]`: whether the published charts accept the values of a
 * stack file.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { onlyFile, progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { readText, writeText } from "../../src/commands/files.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { addDigests } from "../charts/add-digests.ts";
import { checkCharts } from "../charts/check-charts.ts";

await runCommand("charts:check", async () => {
	const { values: options, positionals } = parseArgs({
		options: {
			helm: { type: "string", default: "helm" },
			"add-digests": { type: "boolean", default: false },
			json: { type: "string" },
		},
		allowPositionals: true,
	});
	// The checksums of the first run may still be missing.
	const path = onlyFile(positionals, "Pulumi.lab.yaml");
	const writeResult = resultFor(options.json);
	const say = sayTo(options.json);
	const { stack } = stackToEvaluate(path);
	progress("Downloading and rendering the charts ...");
	const checks = await checkCharts({ helm: options.helm, stack });
	for (const { chart, version, repository, outcome, reason } of checks) {
		say(`${chart} ${version} (${repository}): ${outcome}. ${reason}`);
	}
	const accepted = checks.filter(({ outcome }) => outcome === "accepted").length;
	say(`${accepted} of ${checks.length} published charts fit; those that were not reached are unknown.`);
	const unpinned = new Map(checks.flatMap((check) => (check.unpinned ? [check.unpinned] : [])));
	if (options["add-digests"] && unpinned.size > 0) {
		writeText(path, addDigests(readText(path), projectName(), unpinned));
		say(`Added to ${path}, for you to compare with the publishers': ${[...unpinned.keys()].join(", ")}.`);
	}
	writeResult({ ok: accepted === checks.length, charts: checks });
	return accepted === checks.length;
});

function projectName(): string {
	return (parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")) as { name: string }).name;
}
