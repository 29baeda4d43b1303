/** The resources that differ between two recordings of a stack. */
import type { Json, RecordedResource } from "../recording/recording.ts";
import { isWithin, replacingProperty } from "./replacements.ts";
import type { Action, Change } from "./review.ts";
import { changesIn } from "./values.ts";

export interface ResourceChange {
	action: Action;
	/** Absent for a new resource. */
	old?: RecordedResource;
	/** Absent for a deleted resource. */
	now?: RecordedResource;
	changes: Change[];
	/** Properties that replace it, or the resource whose replacement it follows. */
	because: string[];
}

/** Both have the same inputs as far as Pulumi compares them: the ignored properties count on creation only. */
export function compareResources(
	before: readonly RecordedResource[],
	after: readonly RecordedResource[],
): ResourceChange[] {
	const [old, now] = [before, after].map((list) => new Map(list.map((one) => [urnOf(one), one])));
	const changed = [...new Set([...old!.keys(), ...now!.keys()])]
		.sort()
		.flatMap((urn) => compareResource(old!.get(urn), now!.get(urn)));
	return withDependents(
		changed,
		[...now!.values()].filter((one) => old!.has(urnOf(one))),
	);
}

/** Pulumi identifies a resource by its type, its parent's type and its name. */
function urnOf({ type, parentType, name }: RecordedResource): string {
	return `${parentType}$${type}::${name}`;
}

/** As in `dependsOn` and `outputsIn` of a recording. */
function keyOf({ type, name }: RecordedResource): string {
	return `${type}::${name}`;
}

function compareResource(old: RecordedResource | undefined, now: RecordedResource | undefined): ResourceChange[] {
	if (!old || !now) {
		return [{ action: old ? "delete" : "create", ...(old && { old }), ...(now && { now }), changes: [], because: [] }];
	}
	const changes = changesIn(comparable(old.inputs, now.ignoreChanges), comparable(now.inputs, now.ignoreChanges));
	const protection = changesIn(old.protect, now.protect, "option protect");
	if (changes.length + protection.length === 0) {
		return [];
	}
	const because = [...new Set(changes.flatMap(({ path }) => replacingProperty(now, path) ?? []))];
	return [
		{ action: because.length > 0 ? "replace" : "update", old, now, changes: [...changes, ...protection], because },
	];
}

/** The inputs without the ignored properties. */
function comparable(inputs: Json, ignored: readonly string[], path = ""): Json {
	if (ignored.some((property) => isWithin(path, property))) {
		return null;
	}
	if (Array.isArray(inputs)) {
		return inputs.map((item, index) => comparable(item, ignored, `${path}[${index}]`));
	}
	if (typeof inputs !== "object" || inputs === null) {
		return inputs;
	}
	return Object.fromEntries(
		Object.entries(inputs)
			.map(([key, value]): [string, Json] => [key, comparable(value, ignored, path === "" ? key : `${path}.${key}`)])
			.filter(([, value]) => value !== null),
	);
}

/**
 * A replaced resource has new outputs: the engine replaces what takes one of them in a property that cannot be changed in place.
 * https://www.pulumi.com/docs/iac/concepts/options/deletebeforereplace/
 */
function withDependents(changed: readonly ResourceChange[], kept: readonly RecordedResource[]): ResourceChange[] {
	const all = new Map(changed.map((change) => [urnOf((change.now ?? change.old)!), change]));
	const replaced = changed.filter(({ action }) => action === "replace").map(({ now }) => now!);
	for (const source of replaced) {
		for (const dependent of kept) {
			const reason = reasonToFollow(dependent, source);
			const known = all.get(urnOf(dependent));
			if (reason !== undefined && known?.action !== "replace") {
				const because = [reason];
				all.set(urnOf(dependent), {
					changes: [],
					...known,
					action: "replace",
					old: known?.old ?? dependent,
					now: dependent,
					because,
				});
				replaced.push(dependent);
			}
		}
	}
	return [...all.values()];
}

function reasonToFollow(dependent: RecordedResource, source: RecordedResource): string | undefined {
	const property = Object.entries(dependent.outputsIn).find(
		([name, from]) => from.includes(keyOf(source)) && replacingProperty(dependent, name),
	)?.[0];
	if (property !== undefined) {
		return `${property} of ${source.name}`;
	}
	// ADR 42: each step of a node has the MAC address of its VM as the trigger.
	const isMachine = source.type === "proxmoxve:index/vmLegacy:VmLegacy";
	return isMachine && dependent.hasTrigger && dependent.name.startsWith(`${source.name}-`)
		? `the new VM of ${source.name}`
		: undefined;
}
