/** The name that somebody probably meant. */

/** The candidate that needs the fewest changes, none where even that one needs more than a third of its letters changed. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
	let best: { candidate: string; distance: number } | undefined;
	for (const candidate of candidates) {
		const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
		if (distance <= candidate.length / 3 && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
			best = { candidate, distance };
		}
	}
	return best?.candidate;
}

/** Letters to insert, leave out or replace: the Levenshtein distance. */
function editDistance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (const [i, letter] of [...a].entries()) {
		const next = [i + 1];
		for (let j = 0; j < b.length; j++) {
			const replaced = row[j]! + (letter === b[j] ? 0 : 1);
			next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
		}
		row = next;
	}
	return row[b.length]!;
}
