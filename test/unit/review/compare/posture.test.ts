import { expect, test } from "vitest";
import { comparePolicies } from "../../../../review/compare/posture.ts";
import { emptyRecording, type StackRecording } from "../../../../review/recording/recording.ts";

/** A recording with one control of each level. */
function recording(...[first, second]: [result: string, result: string]): StackRecording {
	const control = (level: 1 | 2, result: string) => ({
		...{ id: `1.${level}`, title: `Control of level ${level}`, level, result, evidence: [] },
	});
	const empty = emptyRecording("lab");
	return { ...empty, posture: { ...empty.posture, controls: [control(1, first), control(2, second)] } };
}

test.each([
	["a control of level 1 fails", ["fail", "pass"], { before: "level 2", after: "below level 1" }],
	["a control of level 2 fails", ["pass", "fail"], { before: "level 2", after: "level 1" }],
	["a control is open", ["open", "pass"], undefined],
] as const)("the level of the benchmark is compared when %s", (_, [first, second], level) => {
	const [before, after] = [recording("pass", "pass"), recording(first, second)];
	expect(comparePolicies(before, after).level).toEqual(level);
	expect(comparePolicies(after, before).level).toEqual(level && { before: level.after, after: level.before });
});
