/** What the tables say about a running node; check-node.sh compares the node with them. */

/** Ids of the controls that a table names, in its order. */
export function liveControls(table: string): string[] {
	const lines = table.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
	return [...new Set(lines.map((line) => line.split("\t")[0]!))];
}
