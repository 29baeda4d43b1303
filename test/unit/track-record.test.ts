/** docs/operations/track-record.md gives the result for each report; the tests and files that it names exist. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const project = new URL("../../", import.meta.url);
const location = new URL("docs/operations/track-record.md", project);
const rows = readFileSync(location, "utf8")
	.split("\n")
	.filter((line) => line.startsWith("| ["))
	.map((line) => line.split("|").map((cell) => cell.trim()));

test("each row has a source, a fault, and the method of the trial", () => {
	expect(rows.length).toBeGreaterThanOrEqual(20);
	for (const [, source, met, here] of rows) {
		expect(source).toMatch(/\]\(https:\/\/github\.com\//);
		expect(met).not.toBe("");
		expect(here).toMatch(/^(Ran|Read|In part, (ran|read)|\*\*Would have happened here\*\*)/);
	}
});

test("a row names only files that exist", () => {
	const text = rows.flat().join("\n");
	const files = [...text.matchAll(/`((?:test|src)\/[^`]+)`/g)].map(([, path = ""]) => new URL(path, project));
	const pages = [...text.matchAll(/\]\((\.\.[^)]+)\)/g)].map(([, path = ""]) => new URL(path, location));
	expect(files).not.toEqual([]);
	expect([...files, ...pages].filter((file) => !existsSync(file))).toEqual([]);
});

test("a row that says Ran names its test", () => {
	const unproven = rows.filter(
		([, , , here = ""]) => /^Ran/.test(here) && !/`(test|src)\/|charts:check|--scenario |\.\.\/adr/.test(here),
	);
	expect(unproven).toEqual([]);
});
