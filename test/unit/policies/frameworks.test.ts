/** The ids that docs/compliance/frameworks.md cites, compared with those of the rules. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "../../../policies/rules/index.ts";

const text = readFileSync(new URL("../../../docs/compliance/frameworks.md", import.meta.url), "utf8");

/** Ids in the last column of the tables. */
const cited = [...text.matchAll(/\|([^|\n]*)\|$/gm)].flatMap(([, cell]) => cell!.match(/(?:A\.)?\d+\.\d+/g) ?? []);

test("a policy cites each id that the table says is cited", () => {
	const carried = new Set(rules.flatMap(({ frameworks }) => [...frameworks.cisControls, ...frameworks.iso27001]));
	expect(cited.length).toBeGreaterThan(15);
	expect(cited.filter((id) => !carried.has(id))).toEqual([]);
});

test("no policy carries an id in the form of another edition", () => {
	for (const { name, frameworks } of rules) {
		expect(
			frameworks.cisControls.filter((id) => !/^(?:[1-9]|1[0-8])\.\d{1,2}$/.test(id)),
			name,
		).toEqual([]);
		expect(
			frameworks.iso27001.filter((id) => !/^A\.[5-8]\.\d{1,2}$/.test(id)),
			name,
		).toEqual([]);
		expect(
			frameworks.nist80053.filter((id) => !/^[A-Z]{2}-\d{1,2}$/.test(id)),
			name,
		).toEqual([]);
	}
});
