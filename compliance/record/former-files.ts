/** The files that a command may have from an earlier version of the program, because it ignores changes of its standard input. */
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { hasPlaceholder } from "../../policies/lib/record/formats.ts";
import { formerFilesFile, type KnownResources } from "../../policies/lib/record/known-resources.ts";
import { membersOf, type Shape } from "../../policies/lib/record/shapes.ts";
import { remoteCommand } from "../../policies/lib/rke2/files.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";

/** Steps that ignore changes of their standard input (components/cluster). */
const kept = ["seed", "join", "restore"];

/** The shapes that are recorded already, and those of the record before this one that allow something which this one does not. */
export function withFormerFiles(before: KnownResources, now: KnownResources): Record<string, Shape[]> {
	const former: Record<string, Shape[]> = existsSync(formerFilesFile)
		? JSON.parse(readFileSync(formerFilesFile, "utf8"))
		: {};
	for (const [name, shape] of Object.entries(before[remoteCommand] ?? {})) {
		const [old, current] = [shape, now[remoteCommand]?.[name]].map(filesIn);
		if (!kept.includes(nodeStepOf(name) ?? "") || old === undefined) {
			continue;
		}
		if (![current, ...(former[name] ?? [])].some((one) => one !== undefined && covers(one, old))) {
			former[name] = [...(former[name] ?? []), old];
		}
	}
	return former;
}

function filesIn(shape: Shape | undefined): Shape | undefined {
	return (shape as { stdin?: Shape } | undefined)?.stdin;
}

/** Whether a shape allows everything that another one allows. Of shapes that differ in another way than by a choice or a member it says no. */
export function covers(wider: Shape, narrower: Shape): boolean {
	if (isDeepStrictEqual(wider, narrower)) {
		return true;
	}
	if (Array.isArray(wider) && Array.isArray(narrower)) {
		return wider.length === narrower.length && wider.every((shape, index) => covers(shape, narrower[index]!));
	}
	if (!isMembers(wider) || !isMembers(narrower)) {
		return false;
	}
	if (Array.isArray(wider.$any) && Array.isArray(narrower.$any)) {
		const choices: readonly Shape[] = wider.$any;
		return narrower.$any.every((choice: Shape) => choices.some((one) => covers(one, choice)));
	}
	const [all, some] = [membersOf(wider), membersOf(narrower)];
	const isSpecial = [...all, ...some].some(({ template }) => template.startsWith("$"));
	const isIn = (template: string) => (other: { template: string }) => other.template === template;
	return (
		!isSpecial &&
		some.every(({ template, optional, shape }) => {
			const member = all.find(isIn(template));
			return member !== undefined && (member.optional || !optional) && covers(member.shape, shape);
		}) &&
		// A new template may stand for a name that an older one stood for, with another shape.
		all.every(({ template, optional }) => some.some(isIn(template)) || (optional && !hasPlaceholder(template)))
	);
}

function isMembers(shape: Shape): shape is Readonly<Record<string, Shape>> {
	return typeof shape === "object" && shape !== null && !Array.isArray(shape);
}
