/** The shapes of files that a seed, a join and a restore keep. */
import { expect, test } from "vitest";
import { covers, withFormerFiles } from "../../../../compliance/record/former-files.ts";
import type { KnownResources } from "../../../../policies/lib/record/known-resources.ts";
import type { Shape } from "../../../../policies/lib/record/shapes.ts";

const recordWith = (content: string, name = "<name>-join"): KnownResources => ({
	"command:remote:Command": { [name]: { stdin: { files: { "/etc/a": content } } } },
});

test("the record before is kept when a join has other files now", () => {
	const former = withFormerFiles(recordWith("old"), recordWith("new"));
	expect(former["<name>-join"]).toEqual([{ files: { "/etc/a": "old" } }]);
});

test("nothing is kept when the files are the same, or when the command is one that gets later changes", () => {
	expect(withFormerFiles(recordWith("same"), recordWith("same"))["<name>-join"]).toBeUndefined();
	const [old, now] = ["old", "new"].map((content) => recordWith(content, "<name>-converge"));
	expect(withFormerFiles(old!, now!)["<name>-converge"]).toBeUndefined();
});

test("nothing is kept when a join may have one more file now, because the old files fit the new record", () => {
	const recordOf = (files: Record<string, string>): KnownResources => ({
		"command:remote:Command": { "<name>-join": { stdin: { files } } },
	});
	const [old, now] = [recordOf({ "/etc/a": "a" }), recordOf({ "/etc/a": "a", "/etc/b?": "b" })];
	expect(withFormerFiles(old, now)["<name>-join"]).toBeUndefined();
	expect(withFormerFiles(now, old)["<name>-join"]).toHaveLength(1);
});

test.each<[string, Shape, Shape, boolean]>([
	["a further choice", { $any: ["a", "b", "c"] }, { $any: ["b", "a"] }, true],
	["a choice less", { $any: ["a"] }, { $any: ["a", "b"] }, false],
	["a member that may be absent now", { "a?": "1" }, { a: "1" }, true],
	["a member that may not be absent any more", { a: "1" }, { "a?": "1" }, false],
	["a further member that has to be there", { a: "1", b: "2" }, { a: "1" }, false],
	[
		"a further template, which may stand for an older name",
		{ "<name>?": "2", "<word>?": "1" },
		{ "<word>?": "1" },
		false,
	],
	["another list in any order", { $each: ["a", "b"] }, { $each: ["a"] }, false],
	["a tuple with a wider element", [{ $any: ["a", "b"] }], [{ $any: ["a"] }], true],
	["a longer tuple", ["a", "b"], ["a"], false],
])("%s: the record covers the one before it or not", (_, wider, narrower, expected) => {
	expect(covers(wider, narrower)).toBe(expected);
});
