/** The files that a command may have from an earlier version of the program, because it ignores changes of its standard input. */
import { existsSync, readFileSync } from "node:fs";
import { formerFilesFile, type KnownResources } from "../../policies/lib/record/known-resources.ts";
import type { Shape } from "../../policies/lib/record/shapes.ts";
import { remoteCommand } from "../../policies/lib/rke2/files.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";

/** Steps that ignore changes of their standard input (components/cluster). */
const kept = ["seed", "join", "restore"];

/** The shapes that are recorded already, and those of the record before this one where they are others. */
export function withFormerFiles(before: KnownResources, now: KnownResources): Record<string, Shape[]> {
	const former: Record<string, Shape[]> = existsSync(formerFilesFile)
		? JSON.parse(readFileSync(formerFilesFile, "utf8"))
		: {};
	for (const [name, shape] of Object.entries(before[remoteCommand] ?? {})) {
		const [old, current] = [shape, now[remoteCommand]?.[name]].map(filesIn);
		const known = [current, ...(former[name] ?? [])].map((one) => JSON.stringify(one));
		if (kept.includes(nodeStepOf(name) ?? "") && old !== undefined && !known.includes(JSON.stringify(old))) {
			former[name] = [...(former[name] ?? []), old];
		}
	}
	return former;
}

function filesIn(shape: Shape | undefined): Shape | undefined {
	return (shape as { stdin?: Shape } | undefined)?.stdin;
}
