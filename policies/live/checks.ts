/** What files.tsv says about files on a running node; check-node.sh compares the files with it. */

/** Ids of the controls that the table decides, in its order. */
export function liveControls(table: string): string[] {
	const lines = table.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
	return [...new Set(lines.map((line) => line.split("\t")[0]!))];
}
