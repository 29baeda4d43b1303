/** Records in the state that a node has other files, so that the engine sees a change. */
import { paths } from "../rke2/paths.ts";
import type { FileDifference, NodeDrift } from "./compare.ts";
import type { RecordedNode, RecordedStep } from "./recorded-node.ts";

/** The commands that write what differs have other inputs afterwards, and the next `up` runs them again, one node at a time. */
export function recordDrift({ steps, converge }: RecordedNode, { files, unfinished }: NodeDrift): void {
	const differences = steps.map((step) => ({ step, own: differencesOf(step, files) }));
	for (const { step, own } of differences) {
		if (step !== converge && own.length > 0) {
			step.mark(sentencesByPath(own));
		}
	}
	// RKE2 may run with a secret that differs, and no file of its own step shows that.
	const secrets = differences.filter(({ step }) => step.secret).flatMap(({ own }) => own);
	const sentences = sentencesByPath(differencesOf(converge, files));
	const reasons = [
		...secrets.map(sentenceAbout),
		...(unfinished ? ["the last convergence of this node has not ended"] : []),
	];
	if (reasons.length > 0) {
		sentences.set(paths.config, [...(sentences.get(paths.config) ?? []), ...reasons]);
	}
	if (sentences.size > 0) {
		converge.mark(sentences);
	}
}

/** Such as `/etc/rancher/rke2/config.yaml is missing`, without its last stop. */
export function sentenceAbout({ path, what }: FileDifference): string {
	return `${path} ${what}`;
}

function differencesOf({ files }: RecordedStep, found: readonly FileDifference[]): FileDifference[] {
	return found.filter(({ path }) => files.some((file) => file.path === path));
}

function sentencesByPath(found: readonly FileDifference[]): Map<string, string[]> {
	const byPath = Map.groupBy(found, ({ path }) => path);
	return new Map([...byPath].map(([path, differences]) => [path, differences.map(sentenceAbout)]));
}
