/** One fixture per mistake: what it changes in the lab's stack file, and the sentences the user reads. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { labValues } from "../../../fixtures/lab.ts";

const directory = new URL("../../../fixtures/invalid/", import.meta.url);

describe("a stack file is refused", () => {
	for (const file of readdirSync(directory)) {
		test(file.replace(".yaml", "").replaceAll("-", " "), () => {
			const fixture = parse(readFileSync(new URL(file, directory), "utf8"));
			const { problems } = parseStack(labValues(fixture.change));
			expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual(fixture.problems);
		});
	}
});
