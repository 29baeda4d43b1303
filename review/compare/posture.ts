/** What changes for policies, controls, privileges and hosts. */
import type { Problem } from "../../src/config/read/problems.ts";
import type { Posture, RecordedHost, StackRecording } from "../recording/recording.ts";
import type { Difference, HostUsage, StackReview } from "./review.ts";

export function difference(before: readonly string[], after: readonly string[]): Difference {
	return {
		gained: [...new Set(after.filter((text) => !before.includes(text)))],
		lost: [...new Set(before.filter((text) => !after.includes(text)))],
	};
}

export function comparePolicies(before: StackRecording, after: StackRecording): StackReview["policies"] {
	const [old, now] = [before.posture, after.posture];
	const levels = { before: levelOf(old), after: levelOf(now) };
	return {
		violations: difference(old.violations.map(violationText), now.violations.map(violationText)),
		exceptions: difference(old.exceptions.map(exceptionText), now.exceptions.map(exceptionText)),
		warnings: difference(before.warnings.map(problemText), after.warnings.map(problemText)),
		controls: compareControls(old, now),
		...(levels.before === levels.after ? {} : { level: levels }),
	};
}

/** Sentences of violations that block and that the other side does not have. */
export function gainedBlocks(before: Posture, after: Posture): string[] {
	const blocking = ({ violations }: Posture) => violations.filter(({ mandatory }) => mandatory).map(violationText);
	return difference(blocking(before), blocking(after)).gained;
}

function compareControls(before: Posture, after: Posture): StackReview["policies"]["controls"] {
	const old = new Map(before.controls.map((control) => [control.id, control]));
	return after.controls.flatMap(({ id, title, result, evidence }) => {
		const was = old.get(id);
		const { gained, lost } = difference(was?.evidence ?? [], evidence);
		// An open control names the nodes that nobody has looked at yet: the evidence does not exist on either side.
		const isSame = was?.result === result && (result === "open" || gained.length + lost.length === 0);
		return isSame
			? []
			: [{ id, title, before: was?.result ?? "not in the benchmark", after: result, evidence: gained }];
	});
}

/** The highest level of the benchmark at which no control fails. */
function levelOf({ controls }: Posture): string {
	const fails = (level: 1 | 2) => controls.some((control) => control.level <= level && control.result === "fail");
	return fails(1) ? "below level 1" : fails(2) ? "level 1" : "level 2";
}

function violationText({ policy, mandatory, message }: Posture["violations"][number]): string {
	return `${policy}${mandatory ? "" : " (advisory)"}: ${message}`;
}

function exceptionText({ policy, subject, reason, expires }: Posture["exceptions"][number]): string {
	return `${policy}: ${subject} until ${expires}: ${reason}`;
}

function problemText({ key, message }: Problem): string {
	return `${key}: ${message}`;
}

/** @returns what each host is asked for, where it changes */
export function compareHosts(before: readonly RecordedHost[], after: readonly RecordedHost[]): HostUsage[] {
	const names = [...new Set([...before, ...after].map(({ name }) => name))];
	return names.flatMap((host) => {
		const [old, now] = [before, after].map((hosts) => hosts.find(({ name }) => name === host));
		return (["cpus", "memoryGiB", "diskGiB"] as const).flatMap((what) => {
			const [was, is] = [old?.[what] ?? { used: 0 }, now?.[what] ?? { used: 0 }];
			const of = is.of ?? was.of;
			return was.used === is.used && was.of === is.of
				? []
				: [{ host, what, before: was.used, after: is.used, ...(of === undefined ? {} : { of }) }];
		});
	});
}
