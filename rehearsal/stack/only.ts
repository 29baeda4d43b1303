import { project } from "../project.ts";
import { stackValues } from "./stack.ts";

/** Merge patch for `nodes` that keeps only the named nodes of the lab's stack file. */
export function only(...names: string[]): Record<string, null> {
	const others = Object.keys(stackValues(project, "lab").nodes as object).filter((node) => !names.includes(node));
	return Object.fromEntries(others.map((node) => [node, null]));
}
