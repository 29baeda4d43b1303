/** docs/seeds.md answers each statement of the lab's documents; every key, command and file that an answer names exists. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const project = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/seeds.md", project), "utf8");
/** Another test compares this page with the schema. */
const reference = readFileSync(new URL("docs/configuration.md", project), "utf8");
const documentedKeys = [...reference.matchAll(/^\| `([^`]+)`/gm)].map(([, key = ""]) => key);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", project), "utf8")) as {
	scripts: Record<string, string>;
};

interface Row {
	document: string;
	section: string;
	statement: string;
	answer: string;
}

const rows: Row[] = page.split(/^## /m).flatMap((part) => {
	const [document = "", ...lines] = part.split("\n");
	return lines
		.filter((line) => line.startsWith("| ") && !line.startsWith("| Section"))
		.map((line) => {
			// A pipe in a command is escaped.
			const [, section = "", statement = "", answer = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
			return { document, section, statement, answer };
		});
});
const named = (pattern: RegExp) =>
	rows.flatMap(({ answer }) => [...answer.matchAll(pattern)].map(([, name = ""]) => name));

test("each document has its statements", () => {
	expect(Object.keys(Object.groupBy(rows, ({ document }) => document))).toEqual([
		"RKE2 service",
		"Kubernetes overview",
		"Networking",
		"Cluster upgrades",
		"The second lab: kubeadm with keepalived",
	]);
	expect(rows.filter(({ section, statement }) => !section || !statement)).toEqual([]);
	// A reader who knew only the documents counted 198 statements; some have a row for each part.
	expect(rows.length).toBeGreaterThanOrEqual(198);
});

test("each answer begins with a word that the page explains", () => {
	const words = [...page.matchAll(/^- _(.+?)_:/gm)].map(([, word = ""]) => word);
	expect(words).toEqual(["implemented", "deviates", "in part", "planned", "left out"]);
	for (const { section, statement, answer } of rows) {
		expect(words, `${section}: ${statement}: ${answer}`).toContain(words.find((word) => answer.startsWith(word)));
	}
});

test("an answer gives a reason unless it says implemented", () => {
	expect(rows.filter(({ answer }) => /^(deviates|in part|planned|left out)$/.test(answer))).toEqual([]);
});

describe("the answers name only what exists:", () => {
	const sections = new Set(documentedKeys.map((key) => key.split(".")[0]));
	const keys = new Set(
		named(/`([a-zA-Z]+(?:\.[\w<>[\]]+)*)(?:: [^`]*)?`/g).filter((name) => sections.has(name.split(".")[0])),
	);
	test.each([...keys])("key %s", (name) => {
		expect(documentedKeys.some((key) => key === name || key.startsWith(`${name}.`))).toBe(true);
	});

	test.each([...new Set(named(/`npm run ([\w:]+)`/g))])("command %s", (name) => {
		expect(scripts).toHaveProperty([name]);
	});

	test.each([...new Set(named(/\]\((?!https:)([^)#]+)[^)]*\)/g))])("file %s", (path) => {
		expect(existsSync(new URL(path, new URL("docs/", project)))).toBe(true);
	});
});
