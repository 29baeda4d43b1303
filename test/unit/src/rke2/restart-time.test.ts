import { expect, test } from "vitest";
import { restartSecondsIn, withoutRestartTime } from "../../../../src/rke2/restart-time.ts";

const sentence = "nodes.proj-k8sw01.cpus is 6, but the running machine has 8";

test.each<[string, unknown, number | undefined, string]>([
	["nothing", "", undefined, ""],
	["a time", "the last restart took 95 s\n", 95, ""],
	["a sentence and a time", `${sentence}\nthe last restart took 95 s\n`, 95, sentence],
	["a sentence", `${sentence}\n`, undefined, sentence],
	["an output that is not known", undefined, undefined, ""],
])("an output with %s", (_, stdout, seconds, rest) => {
	expect(restartSecondsIn(stdout)).toBe(seconds);
	expect(withoutRestartTime(String(stdout ?? ""))).toBe(rest);
});
