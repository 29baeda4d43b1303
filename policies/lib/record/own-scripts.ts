/** The program's own scripts, as nodes and the workstation get them. */
import { readdirSync, readFileSync } from "node:fs";
import { renderNodeConstants } from "../../../src/rke2/node-constants.ts";

const folder = new URL("../../../src/rke2/scripts/", import.meta.url);

let known: ReadonlyMap<string, string> | undefined;

/** The name of each script by its text. */
function scripts(): ReadonlyMap<string, string> {
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
	return scripts().get(text);
}

/** The script that a text begins with, and what follows it. */
export function behindScript(text: string): { script: string; rest: string } | undefined {
	for (const [script, name] of text.startsWith("#!") ? scripts() : []) {
		if (text.startsWith(script)) {
			return { script: name, rest: text.slice(script.length) };
		}
	}
	return undefined;
}
