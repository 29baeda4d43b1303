/** The reasons for which converging a node restarts RKE2. scripts/converge.sh makes the same comparison on the node. */
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { NodeFile } from "./bundle.ts";
import { marksIn, withoutMarks } from "./drift-mark.ts";
import { paths } from "./paths.ts";
import type { NodeState } from "./unsupported-changes.ts";

/** The version, files and secrets with which RKE2 runs on a node. */
export interface ConvergedState extends NodeState {
	/** Revision of the agent token, and that of registries.yaml if the node has the file. */
	revisions: readonly string[];
}

/** @returns a phrase for each reason, the most important first; none when RKE2 does not restart */
export function reasonsToRestart(runs: ConvergedState, wanted: ConvergedState): string[] {
	return [
		...(runs.version === wanted.version ? [] : [`RKE2 ${runs.version} becomes ${wanted.version}`]),
		...marksIn(runs.files),
		...changedFiles(runs.files.map(withoutMark), wanted.files),
		...changedSecrets(runs.revisions, wanted.revisions),
	];
}

function withoutMark(file: NodeFile): NodeFile {
	return { ...file, content: withoutMarks(file.content) };
}

/** Both revisions are keyed by the server token, so another one changes both. */
function changedSecrets([token, registries]: readonly string[], wanted: readonly string[]): string[] {
	if (token !== wanted[0]) {
		return ["a token changes"];
	}
	return registries === wanted[1] ? [] : ["registries.yaml changes"];
}

function changedFiles(runs: readonly NodeFile[], wanted: readonly NodeFile[]): string[] {
	const [before, after] = [runs, wanted].map((files) => new Map(files.map((file) => [file.path, file]))) as [
		Map<string, NodeFile>,
		Map<string, NodeFile>,
	];
	return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
		const [old, now] = [before.get(path), after.get(path)];
		if (isDeepStrictEqual(old, now)) {
			return [];
		}
		if (now && path === paths.certificateRotation) {
			return ["its certificates are made anew"];
		}
		if (old && now) {
			return [path === paths.config ? `${path} has other ${changedKeys(old, now)}` : `${path} changes`];
		}
		return [old ? `${path} is no longer wanted` : `${path} is new`];
	});
}

/** Names of the keys of config.yaml that differ, or `permissions` when none does. */
function changedKeys(old: NodeFile, now: NodeFile): string {
	const [before, after] = [old, now].map(({ content }) => parse(content, { version: "1.1" }) ?? {}) as [
		Record<string, unknown>,
		Record<string, unknown>,
	];
	const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
		.sort()
		.filter((key) => !isDeepStrictEqual(before[key], after[key]));
	return keys.length > 0 ? keys.join(", ") : "permissions";
}
