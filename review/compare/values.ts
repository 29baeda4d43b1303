/** The differences between two values, each with its path. */
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { type NodeFile, parseBundle } from "../../src/rke2/bundle.ts";
import { paths } from "../../src/rke2/paths.ts";
import type { Json } from "../recording/recording.ts";
import type { Change } from "./review.ts";

/** @param path of both values; empty for the inputs of a resource */
export function changesIn(old: Json | undefined, now: Json | undefined, path = ""): Change[] {
	if (isDeepStrictEqual(old, now)) {
		return [];
	}
	if (isSecret(old) || isSecret(now)) {
		return [{ path, secret: true }];
	}
	if (isMap(old) && isMap(now)) {
		return [...new Set([...Object.keys(old), ...Object.keys(now)])]
			.sort()
			.flatMap((key) => changesIn(old[key], now[key], path === "" ? key : `${path}.${key}`));
	}
	if (Array.isArray(old) && Array.isArray(now)) {
		return changesInList(old, now, path);
	}
	if (typeof old === "string" && typeof now === "string") {
		return changesInText(old, now, path);
	}
	return [changeOf(path, display(old), display(now))];
}

/** What a person reads of a value. */
export function display(value: Json | undefined): string | undefined {
	if (value === undefined || typeof value === "string") {
		return value;
	}
	return JSON.stringify(maskSecrets(value));
}

export function changeOf(path: string, old: string | undefined, now: string | undefined): Change {
	return { path, ...(old === undefined ? {} : { old }), ...(now === undefined ? {} : { new: now }) };
}

/** The value with `(secret)` in the place of each secret. */
export function maskSecrets(value: Json): Json {
	if (Array.isArray(value)) {
		return value.map(maskSecrets);
	}
	if (isSecret(value)) {
		return "(secret)";
	}
	return isMap(value)
		? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskSecrets(inner)]))
		: value;
}

/** Members at the same place are compared where each is a map; otherwise the order does not matter. */
function changesInList(old: readonly Json[], now: readonly Json[], path: string): Change[] {
	if (old.length === now.length && [...old, ...now].every(isMap)) {
		return old.flatMap((item, index) => changesIn(item, now[index], `${path}[${index}]`));
	}
	const only = (list: readonly Json[], other: readonly Json[]) =>
		list.filter((item) => !other.some((one) => isDeepStrictEqual(one, item))).map((item) => display(item)!);
	const [removed, added] = [only(old, now), only(now, old)];
	return removed.length + added.length === 0
		? [changeOf(path, display([...old]), display([...now]))]
		: [
				...removed.map((item) => changeOf(path, item, undefined)),
				...added.map((item) => changeOf(path, undefined, item)),
			];
}

function changesInText(old: string, now: string, path: string): Change[] {
	const [before, after] = [filesIn(old), filesIn(now)];
	if (before && after) {
		return changesInFiles(before, after);
	}
	if (old.includes("\n") || now.includes("\n")) {
		return changesInLines(old, now, path);
	}
	return changesInCommand(old, now, path);
}

/** A bundle of files, also behind the script that unpacks it. */
function filesIn(text: string): Map<string, NodeFile> | undefined {
	const start = /^file \//m.exec(text)?.index;
	if (start === undefined) {
		return undefined;
	}
	try {
		return new Map(parseBundle(text.slice(start)).map((file) => [file.path, file]));
	} catch {
		return undefined;
	}
}

function changesInFiles(before: ReadonlyMap<string, NodeFile>, after: ReadonlyMap<string, NodeFile>): Change[] {
	return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
		const [old, now] = [before.get(path), after.get(path)];
		if (!old || !now) {
			return [changeOf(path, old?.content, now?.content)];
		}
		const rights = changesIn(`${old.mode} ${old.owner}`, `${now.mode} ${now.owner}`, `${path} mode and owner`);
		return [...rights, ...changesInFile(path, old.content, now.content)];
	});
}

function changesInFile(path: string, old: string, now: string): Change[] {
	if (path !== paths.config) {
		return changesInLines(old, now, path);
	}
	const [before, after] = [old, now].map((text): Json => parse(text, { version: "1.1" }) ?? {});
	return changesIn(before, after, "").map((change) => ({ ...change, path: `${path} ${change.path}` }));
}

/** The lines that only one of the texts has, in their order. */
function changesInLines(old: string, now: string, path: string): Change[] {
	const [before, after] = [old, now].map((text) => text.split("\n")) as [string[], string[]];
	const [removed, added] = [linesWithout(before, after), linesWithout(after, before)];
	if (old === now) {
		return [];
	}
	if (removed.length + added.length === 0) {
		return [changeOf(path, "lines in another order", "lines in another order")];
	}
	const [minus, plus] = [removed, added].map((lines) => (lines.length > 0 ? `${lines.join("\n")}\n` : undefined));
	return [changeOf(path, minus, plus)];
}

/** As many of each line remain as `lines` has more than `others`. */
function linesWithout(lines: readonly string[], others: readonly string[]): string[] {
	const left = new Map<string, number>();
	for (const line of others) {
		left.set(line, (left.get(line) ?? 0) + 1);
	}
	return lines.filter((line) => {
		const count = left.get(line) ?? 0;
		left.set(line, count - 1);
		return count <= 0;
	});
}

/** The arguments of a script that changed, each in its place where their number is the same. */
function changesInCommand(old: string, now: string, path: string): Change[] {
	const [before, after] = [old.split(" "), now.split(" ")] as [string[], string[]];
	const script = after.findIndex((word) => word.endsWith(".sh"));
	if (script < 0 || !before.includes(after[script]!)) {
		return [changeOf(path, old, now)];
	}
	const name = after[script]!.split("/").at(-1)!;
	if (before.length === after.length) {
		return before.flatMap((word, index) =>
			word === after[index] ? [] : [changeOf(`${name}, argument ${index - script}`, word, after[index]!)],
		);
	}
	const [removed, added] = [linesWithout(before, after), linesWithout(after, before)].map((words) => words.join(" "));
	return [changeOf(`${name}, arguments`, removed || undefined, added || undefined)];
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: Json | undefined): boolean {
	return isMap(value) && Object.keys(value).length === 1 && typeof value.secret === "string";
}
