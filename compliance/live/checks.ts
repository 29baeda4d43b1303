/** The tables about a running node, with which check-node.sh compares it. */
import { readFileSync } from "node:fs";
import type { Rke2Role } from "../../src/rke2/keys.ts";

/** Ids of the controls that a table names, in its order. */
export function liveControls(table: string): string[] {
	return [...new Set(rows(table).map(([control]) => control!))];
}

/** Roles of the nodes on which a control is checked; none for a control that no table names. */
export function liveRoles(control: string): ReadonlySet<Rke2Role> {
	return tables.get(control) ?? new Set();
}

const both: readonly Rke2Role[] = ["server", "agent"];

const tables = new Map<string, Set<Rke2Role>>();
for (const name of ["files.tsv", "arguments.tsv"]) {
	for (const [control, role] of rows(readFileSync(new URL(name, import.meta.url), "utf8"))) {
		const roles = tables.get(control!) ?? new Set();
		for (const one of role === "any" ? both : [role as Rke2Role]) {
			roles.add(one);
		}
		tables.set(control!, roles);
	}
}

function rows(table: string): string[][] {
	return table
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => line.split("\t"));
}
