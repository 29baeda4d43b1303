/**
 * A comment line in a file of the recorded inputs of a command: `npm run drift` adds it to a file that differs on the node. The
 * engine then sees a change, and the next `up` writes the file again.
 */
import type { NodeFile } from "./bundle.ts";

const mark = "# On the node: ";

/** @param sentences without their last stop */
export function withMarks(content: string, sentences: readonly string[]): string {
	return `${content}${sentences.map((sentence) => `${mark}${sentence}\n`).join("")}`;
}

/** The sentences of all marks. */
export function marksIn(files: readonly NodeFile[]): string[] {
	return files.flatMap(({ content }) =>
		content.split("\n").flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length)] : [])),
	);
}

/** The content without marks. */
export function withoutMarks(content: string): string {
	return content
		.split("\n")
		.filter((line) => !line.startsWith(mark))
		.join("\n");
}
