import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scriptText } from "../../../../components/cluster/scripts.ts";
import { nodeConstants, renderNodeConstants } from "../../../../src/rke2/node-constants.ts";

const folder = new URL("../../../../src/rke2/scripts/", import.meta.url);
/** Code without comments, which may name a value for a reader. */
const code = readdirSync(folder)
	.map((name) => readFileSync(new URL(name, folder), "utf8").replace(/^\s*#.*$/gm, ""))
	.join("\n");

describe("the constants of the scripts of a node", () => {
	test("precede lib.sh on a node", () => {
		expect(scriptText("lib.sh").startsWith(`${renderNodeConstants()}# shellcheck`)).toBe(true);
		expect(renderNodeConstants()).toContain("readonly TOOLKIT=/usr/local/lib/rke2-lab\n");
	});

	test.each(Object.entries(nodeConstants))("%s is used by its name, and no script repeats its value", (name, value) => {
		expect(code).toMatch(new RegExp(`\\$\\{?${name}\\b`));
		expect(code).not.toMatch(new RegExp(`(?<![\\w/.-])${value}(?![\\w-])`));
	});

	test("need no quotes", () => {
		for (const value of Object.values(nodeConstants)) {
			expect(String(value)).toMatch(/^[\w/.-]+$/);
		}
	});
});
