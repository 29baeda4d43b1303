/** One fixture for each mistake: the change to the lab's stack file, and the messages that the user reads. */
import { describe, expect, it } from "vitest";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { invalidStackFiles } from "../../../fixtures/invalid.ts";
import { labValues } from "../../../fixtures/lab.ts";

describe("parseStack", () => {
	it.each(invalidStackFiles)("refuses $name", ({ change, problems }) => {
		expect(parseStack(labValues(change)).problems.map(({ key, message }) => `${key}: ${message}`)).toEqual(problems);
	});
});

describe("a fixture", () => {
	const sections = invalidStackFiles.filter(({ name }) => !name.startsWith("several-sections/"));

	it.each(sections)("$name is in the folder of its section", ({ name, problems }) => {
		const [, section = ""] = /^(.+)\/[^/]+$/.exec(name)!;
		const key = section.replaceAll("/", ".").replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
		const ofGpu = section === "gpus" && /^nodes\.[^.]+\.gpu\./.test(problems[0]!);
		expect(ofGpu ? key : problems[0]).toMatch(new RegExp(`^${key}\\b`));
	});
});
