/**
 * `npm run bench:review`: measures `npm run review` on this machine for stacks of several sizes, from two recordings' start to the
 * text. Both trees are this one; the other side has a newer release of RKE2 and one worker less.
 *
 *   --runs N   default 3; the output is the median
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inc } from "semver";
import { stringify } from "yaml";
import { progress, runCommand } from "../src/commands/command.ts";
import { valuesWithNodes } from "./many-nodes.ts";
import { median } from "./medians.ts";
import { readOptions } from "./options.ts";

const counts = [8, 80, 256, 800];

await runCommand("bench:review", () => {
	const { runs, say, writeResult } = readOptions();
	const figures: { nodes: number; seconds: number; mebibytes: number }[] = [];
	const repository = mkdtempSync(join(tmpdir(), "bench-review-"));
	try {
		copyTree(repository);
		say("| Nodes | `npm run review` | Memory of the largest process |\n|---|---|---|");
		for (const count of counts) {
			progress(`Measuring ${count} nodes ...`);
			const base = join(repository, `base-${count}.json`);
			writeStack(repository, valuesWithNodes(count));
			review(repository, "--record", base);
			writeStack(repository, changed(valuesWithNodes(count - 1, Math.ceil(count / 4))));
			const measured = Array.from({ length: runs }, () => review(repository, "--base-recording", base));
			const seconds = median(measured.map((run) => run.seconds));
			const mebibytes = median(measured.map((run) => run.mebibytes));
			figures.push({ nodes: count, seconds, mebibytes });
			say(`| ${count} | ${seconds.toFixed(1)} s | ${Math.round(mebibytes)} MiB |`);
		}
	} finally {
		rmSync(repository, { recursive: true });
	}
	writeResult({ runs, figures });
	return true;
});

/** The files of this tree without its stack files. */
function copyTree(repository: string): void {
	const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
	for (const file of files.filter((name) => !/^Pulumi\..+\.yaml$/.test(name))) {
		mkdirSync(dirname(join(repository, file)), { recursive: true });
		cpSync(file, join(repository, file));
	}
	symlinkSync(join(process.cwd(), "node_modules"), join(repository, "node_modules"));
}

function writeStack(repository: string, values: Record<string, unknown>): void {
	const config = Object.entries(values).map(([key, value]) => [`rke2-lab:${key}`, value]);
	writeFileSync(join(repository, "Pulumi.bench.yaml"), stringify({ config: Object.fromEntries(config) }));
}

function changed(values: Record<string, unknown>): Record<string, unknown> {
	const cluster = values.cluster as { version: string };
	// The next patch release, which need not exist.
	const version = `v${inc(cluster.version, "patch")}+rke2r1`;
	return { ...values, cluster: { ...cluster, version } };
}

function review(repository: string, ...parameters: string[]): { seconds: number; mebibytes: number } {
	const start = performance.now();
	const sizes = join(repository, "sizes");
	const { status, stderr } = spawnSync(process.execPath, ["review/commands/review.ts", ...parameters], {
		cwd: repository,
		encoding: "utf8",
		maxBuffer: 2 ** 28,
		// The processes that record, too, say how large they became.
		env: { ...process.env, NODE_OPTIONS: `--import ${sizeRecorder(sizes)}` },
	});
	if (status !== 0 && status !== 3) {
		throw new Error(`The review of the bench ended with ${status}:\n${stderr}`);
	}
	const kibibytes = readFileSync(sizes, "utf8").trim().split("\n").map(Number);
	rmSync(sizes);
	return { seconds: (performance.now() - start) / 1000, mebibytes: Math.max(...kibibytes) / 1024 };
}

/** A module for --import that appends the largest size of its process to a file, in KiB. */
function sizeRecorder(file: string): string {
	const path = JSON.stringify(file);
	const line = `process.on("exit", () => appendFileSync(${path}, process.resourceUsage().maxRSS + "\\n"));`;
	return `data:text/javascript,${encodeURIComponent(`import { appendFileSync } from "node:fs"; ${line}`)}`;
}
