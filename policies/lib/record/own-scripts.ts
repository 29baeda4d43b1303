/** The program's own scripts, as nodes and the workstation get them. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { renderNodeConstants } from "../../../src/rke2/node-constants.ts";

const folder = new URL("../../../src/rke2/scripts/", import.meta.url);

let known: ReadonlyMap<string, string> | undefined;

/** The name of each script by its text. */
export function ownScripts(): ReadonlyMap<string, string> {
	known ??= new Map(
		readdirSync(folder)
			.filter((name) => name.endsWith(".sh"))
			.map((name) => {
				const text = readFileSync(new URL(name, folder), "utf8");
				return [name === "lib.sh" ? `${renderNodeConstants()}${text}` : text, name] as const;
			}),
	);
	return known;
}

/** The name of the script that a text is, if it is one. */
export function ownScript(text: string): string | undefined {
	return ownScripts().get(text);
}

/** One version of a script. */
export interface FormerScript {
	sha256: string;
	/** Characters of it. */
	length: number;
}

/** By the name of the script, its versions: of this program and of earlier ones. */
export const formerScriptsFile = new URL("../../record/former/scripts.json", import.meta.url);

let former: Readonly<Record<string, readonly FormerScript[]>> | undefined;

/** The script that a text begins with, and what follows it. */
export interface Begun {
	script: string;
	rest: string;
}

/**
 * The same for a script of an earlier version of the program. A resource that ignores changes of an input keeps the script of the day
 * on which it was created.
 */
export function behindFormerScript(text: string): Begun | undefined {
	former ??= JSON.parse(readFileSync(formerScriptsFile, "utf8")) as Record<string, FormerScript[]>;
	for (const [script, versions] of Object.entries(former)) {
		for (const { sha256, length } of versions) {
			if (createHash("sha256").update(text.slice(0, length)).digest("hex") === sha256) {
				return { script, rest: text.slice(length) };
			}
		}
	}
	return undefined;
}

/** The script of this program that a text begins with, and what follows it. */
export function behindScript(text: string): Begun | undefined {
	for (const [script, name] of text.startsWith("#!") ? ownScripts() : []) {
		if (text.startsWith(script)) {
			return { script: name, rest: text.slice(script.length) };
		}
	}
	return undefined;
}
