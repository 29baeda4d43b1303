/** What has to happen to one resource, from what the state knows and what the program wants. Pure. */
import { differences, type Path, parsePath, restore, touches } from "./paths.ts";
import type { AnyResourceType } from "./resource-type.ts";
import type { ResourceState } from "./state.ts";
import type { Properties } from "./wire.ts";

export interface PlanOptions {
	ignoreChanges: string[];
	replaceOnChanges: string[];
	deleteBeforeReplace?: boolean;
}

type Plan = { operation: "create" | "same" | "update" } | { operation: "replace"; deleteBeforeReplace: boolean };

/** The new inputs with the old values at the paths that the program ignores. */
export function withIgnored(before: Properties | undefined, after: Properties, ignoreChanges: string[]): Properties {
	if (!before) {
		return after;
	}
	return ignoreChanges.map(parsePath).reduce((inputs, path) => restore(before, inputs, path), after);
}

/** @param forced The resource has to be replaced whatever its inputs say: its provider or what it is deleted with was. */
export function planResource(
	old: ResourceState | undefined,
	inputs: Properties,
	type: AnyResourceType,
	options: PlanOptions,
	forced: boolean,
): Plan {
	if (!old) {
		return { operation: "create" };
	}
	const changes = differences(old.inputs, inputs);
	const unfit = forced || (old.incomplete && type.replacesIncomplete?.(inputs));
	if (changes.length === 0 && !unfit) {
		return { operation: old.incomplete ? "update" : "same" };
	}
	if (!unfit && !replaces(old.inputs, inputs, type, options.replaceOnChanges, changes)) {
		return { operation: "update" };
	}
	return {
		operation: "replace",
		deleteBeforeReplace: options.deleteBeforeReplace ?? type.deletesBeforeReplace?.(old.inputs, inputs) ?? false,
	};
}

/** Whether a change from the old to the new inputs needs a new instance. */
export function replaces(
	before: Properties,
	after: Properties,
	type: AnyResourceType,
	replaceOnChanges: string[],
	changes: Path[] = differences(before, after),
): boolean {
	const own = typeof type.replaceOn === "function" ? type.replaceOn(before, after) : type.replaceOn;
	const paths = [...own, ...replaceOnChanges].map(parsePath);
	return changes.some((change) => paths.some((path) => touches(change, path)));
}
