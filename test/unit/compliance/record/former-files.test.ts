/** The shapes of files that a seed, a join and a restore keep. */
import { expect, test } from "vitest";
import { withFormerFiles } from "../../../../compliance/record/former-files.ts";
import type { KnownResources } from "../../../../policies/lib/record/known-resources.ts";

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
