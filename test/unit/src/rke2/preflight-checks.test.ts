import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { preflightChecks } from "../../../../src/facts/preflight-checks.ts";

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

test("a stack file may accept exactly the checks of the scripts, each with a row in the documents", () => {
	const scripts = ["system", "machine", "network"]
		.map((part) => read(`src/rke2/scripts/preflight-${part}.sh`))
		.join("");
	const found = [...scripts.matchAll(/\bfound ([a-z-]+) "/g)].map(([, check]) => check!);
	expect([...new Set(found)].sort()).toEqual([...preflightChecks].sort());
	const rows = [...read("docs/operating-system.md").matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, check]) => check!);
	expect(rows.sort()).toEqual([...preflightChecks].sort());
});

test("every defined check runs", () => {
	const scripts = ["system", "machine", "network"]
		.map((part) => read(`src/rke2/scripts/preflight-${part}.sh`))
		.join("");
	const defined = [...scripts.matchAll(/^check_([a-z_]+)\(\)/gm)].map(([, check]) => check!);
	const run = [...read("src/rke2/scripts/preflight.sh").matchAll(/^look (.+)$/gm)].flatMap(([, names]) =>
		names!.split(" "),
	);
	expect(run.sort()).toEqual(defined.sort());
});
