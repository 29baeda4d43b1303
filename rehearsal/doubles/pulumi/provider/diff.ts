/**
 * The difference of two sets of inputs by path, as the real plugin reports it: values are compared in depth, and secrets as a
 * whole (pulumi/pulumi sdk `PropertyMap.Diff` and `NewDetailedDiffFromObjectDiff`, which pulumi-go-provider uses).
 */
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { isEqual, isObject, isSecret, type Properties, type Value } from "./values.ts";

type Change = "add" | "delete" | "update";
type Path = (string | number)[];

const { Kind } = provider.PropertyDiff;
const diffKinds = {
	add: { keep: Kind.ADD, replace: Kind.ADD_REPLACE },
	delete: { keep: Kind.DELETE, replace: Kind.DELETE_REPLACE },
	update: { keep: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
};

/** @param replaces whether a change of the property at this path, written as `a.b[0]`, replaces the resource */
export function differenceOf(
	before: Properties,
	after: Properties,
	replaces: (path: string) => boolean,
): provider.DiffResponse {
	const response = new provider.DiffResponse();
	const changed = new Set<string>();
	const replaced = new Set<string>();
	for (const { path, change } of changesOf(before, after, [])) {
		const name = pathText(path);
		const replace = replaces(name);
		changed.add(String(path[0]));
		if (replace) {
			replaced.add(String(path[0]));
		}
		const kind = diffKinds[change][replace ? "replace" : "keep"];
		response.getDetaileddiffMap().set(name, new provider.PropertyDiff().setKind(kind));
	}
	const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
	return response
		.setChanges(changed.size > 0 ? DIFF_SOME : DIFF_NONE)
		.setDiffsList([...changed])
		.setReplacesList([...replaced])
		.setHasdetaileddiff(true);
}

function changesOf(before: Value | undefined, after: Value | undefined, path: Path): { path: Path; change: Change }[] {
	if (isEqual(before, after)) {
		return [];
	}
	if (before === undefined || after === undefined) {
		return [{ path, change: before === undefined ? "add" : "delete" }];
	}
	if (Array.isArray(before) && Array.isArray(after)) {
		const longest = before.length > after.length ? before : after;
		return longest.flatMap((_, index) => changesOf(before[index], after[index], [...path, index]));
	}
	if (isObject(before) && isObject(after) && !isSecret(before) && !isSecret(after)) {
		const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
		return [...keys].flatMap((key) => changesOf(before[key], after[key], [...path, key]));
	}
	return [{ path, change: "update" }];
}

/** The text of pulumi/pulumi sdk `PropertyPath.String`. */
function pathText(path: Path): string {
	return path
		.map((step, index) => {
			if (typeof step === "number") {
				return `[${step}]`;
			}
			if (/[^A-Za-z0-9_]/.test(step)) {
				return `["${step.replaceAll('"', '\\"')}"]`;
			}
			return index === 0 ? step : `.${step}`;
		})
		.join("");
}
