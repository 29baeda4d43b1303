/** Property paths (`disks[0].speed`) and what differs between two property values. */
import { isObject, type Properties, plain, UNKNOWN, type Value } from "./wire.ts";

export type Path = (string | number)[];

export function parsePath(text: string): Path {
	const parts: string[] = text.match(/[^.[\]"]+/g) ?? [];
	return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Paths of the smallest values that differ. An unknown differs from everything; a secret compares by its plain value. */
export function differences(before: Value | undefined, after: Value | undefined, at: Path = []): Path[] {
	const old = before === undefined ? undefined : plain(before);
	const now = after === undefined ? undefined : plain(after);
	if (now === UNKNOWN) {
		return [at];
	}
	if (Array.isArray(old) && Array.isArray(now)) {
		const length = Math.max(old.length, now.length);
		return Array.from({ length }, (_, index) => differences(old[index], now[index], [...at, index])).flat();
	}
	if (isObject(old) && isObject(now)) {
		const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
		return [...keys].flatMap((key) => differences(old[key], now[key], [...at, key]));
	}
	return old === now ? [] : [at];
}

/** Whether a difference lies at, below or above the path, in which `*` stands for any key or index. */
export function touches(difference: Path, path: Path): boolean {
	return path.every((part, index) => index >= difference.length || part === "*" || difference[index] === part);
}

/** The new inputs with the old value put back at the path, which has no wildcard (Pulumi's `ignoreChanges`). */
export function restore(before: Properties, after: Properties, path: Path): Properties {
	if (path.includes("*")) {
		throw new Error("has a wildcard in ignoreChanges, which the embedded host does not know");
	}
	return put(after, path, get(before, path)) as Properties;
}

function get(value: Value | undefined, path: Path): Value | undefined {
	return path.reduce<Value | undefined>((current, part) => child(current, part), value);
}

function child(value: Value | undefined, part: string | number): Value | undefined {
	if (Array.isArray(value)) {
		return typeof part === "number" ? value[part] : undefined;
	}
	return isObject(value) ? value[String(part)] : undefined;
}

function put(value: Value | undefined, [part, ...rest]: Path, replacement: Value | undefined): Value | undefined {
	if (part === undefined) {
		return replacement;
	}
	const inner = put(child(value, part), rest, replacement);
	if (Array.isArray(value) && typeof part === "number") {
		return inner === undefined || part >= value.length ? value : value.with(part, inner);
	}
	if (!isObject(value)) {
		return value;
	}
	const { [String(part)]: _, ...others } = value;
	return inner === undefined ? others : { ...others, [String(part)]: inner };
}
