/** Writes digests of charts into a stack file, and keeps the rest of its text. */
import { isMap, isScalar, parseDocument } from "yaml";

/**
 * @param text stack file with a version for each of the charts
 * @param digests by the key of the stack file without the project's name, e.g. `platform.traefik.sha256`
 * @returns the text with each digest after the version of its chart
 */
export function addDigests(text: string, project: string, digests: ReadonlyMap<string, string>): string {
	const document = parseDocument(text);
	const insertions = [...digests].map(([key, digest]) => {
		const [section, chart] = key.split(".");
		const path = ["config", `${project}:${section}`, chart];
		const version = document.getIn([...path, "version"], true);
		const map = document.getIn(path);
		if (!isScalar(version) || !isMap(map)) {
			throw new Error(`The stack file has no plain ${section}.${chart}.version, so ${key} cannot be added after it.`);
		}
		const [start, end] = version.range!;
		const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
		const indent = /^\s*/.exec(line)![0];
		// Quoted, because a digest of digits alone would be a number.
		return { at: end, added: `${map.flow ? ", " : `\n${indent}`}sha256: "${digest}"` };
	});
	// From the end, so that the earlier places do not move.
	return insertions
		.toSorted((a, b) => b.at - a.at)
		.reduce((result, { at, added }) => result.slice(0, at) + added + result.slice(at), text);
}
