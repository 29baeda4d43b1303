import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { FatalError, messageOf } from "../process/log.ts";

/**
 * Reads config.yaml and the drop-ins of `<config file>.d/`, in alphabetical order. The last value of a key wins, and
 * `key+` appends to the earlier values. A missing config file counts as an empty one.
 */
export function readConfigFiles(configFile: string): Map<string, string[]> {
	const dropIns = `${configFile}.d`;
	const files = [
		...(existsSync(configFile) ? [configFile] : []),
		...(existsSync(dropIns)
			? readdirSync(dropIns)
					.filter((name) => /\.ya?ml$/.test(name))
					.sort()
					.map((name) => join(dropIns, name))
			: []),
	];
	const values = new Map<string, string[]>();
	for (const file of files) {
		for (const [key, value] of Object.entries(readOne(file))) {
			if (key.endsWith("+")) {
				const name = key.slice(0, -1);
				values.set(name, [...(values.get(name) ?? []), ...asStrings(value)]);
			} else {
				values.set(key, asStrings(value));
			}
		}
	}
	return values;
}

function readOne(file: string): Record<string, unknown> {
	let document: unknown;
	try {
		// RKE2 reads YAML 1.1: an unquoted 0600 is the number 384, an unquoted `yes` is true.
		document = parse(readFileSync(file, "utf8"), { version: "1.1" });
	} catch (error) {
		throw new FatalError(`failed to read ${file}: ${messageOf(error)}`);
	}
	if (document === null || document === undefined) {
		return {};
	}
	if (typeof document !== "object" || Array.isArray(document)) {
		throw new FatalError(`failed to read ${file}: it holds no map of keys`);
	}
	return document as Record<string, unknown>;
}

function asStrings(value: unknown): string[] {
	if (Array.isArray(value)) {
		return value.map(scalar);
	}
	return [scalar(value)];
}

function scalar(value: unknown): string {
	if (value === null || value === undefined) {
		return "";
	}
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}
