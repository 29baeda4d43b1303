/**
 * `npm run bench:check`: measures `npm run check` on this machine for stack files of several sizes, from the start of the
 * process to its end.
 *
 *   --json FILE   writes the figures as JSON
 *   --runs N      default 3; the output is the median
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { progress, runCommand } from "../src/commands/command.ts";
import { valuesWithNodes } from "./many-nodes.ts";
import { median } from "./medians.ts";
import { readOptions } from "./options.ts";

const counts = [8, 80, 256, 800];

await runCommand("bench:check", () => {
	const { runs, say, writeResult } = readOptions();
	const figures: { nodes: number; seconds: number }[] = [];
	const directory = mkdtempSync(join(tmpdir(), "bench-check-"));
	try {
		say("| Nodes | `npm run check` |\n|---|---|");
		for (const count of counts) {
			progress(`Measuring ${count} nodes ...`);
			const file = join(directory, `Pulumi.${count}.yaml`);
			const config = Object.entries(valuesWithNodes(count)).map(([key, value]) => [`rke2-lab:${key}`, value]);
			writeFileSync(file, stringify({ config: Object.fromEntries(config) }));
			const seconds = median(Array.from({ length: runs }, () => check(file)));
			figures.push({ nodes: count, seconds });
			say(`| ${count} | ${seconds.toFixed(1)} s |`);
		}
	} finally {
		rmSync(directory, { recursive: true });
	}
	writeResult({ runs, figures });
	return true;
});

function check(file: string): number {
	const start = performance.now();
	execFileSync(process.execPath, ["src/commands/check.ts", file]);
	return (performance.now() - start) / 1000;
}
