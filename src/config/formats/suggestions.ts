/** The name that a person probably meant by an unknown one, and the character that made it unknown. */

/** Letters of other scripts that look like those of the keyboard, and what they look like. */
const lookAlikes: ReadonlyMap<string, string> = new Map(
	(
		[
			["асԁеһіјӏорԛѕуԝхАВСЕНІЈКМОРЅТХѴԌ", "acdehijlopqsywxABCEHIJKMOPSTXVG"],
			["αοιρνκυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aoipvkuxABEZHIKMNOPTYX"],
			["‐‑‒–—−", "------"],
			["‘’‚“”„", "''',\"\"\""],
		] as const
	).flatMap(([strange, plain]) => [...strange].map((letter, index): [string, string] => [letter, [...plain][index]!])),
);

/** Characters that no key and no name may have. */
const kinds: readonly [pattern: RegExp, name: string][] = [
	[/\p{Script=Cyrillic}/u, "a Cyrillic letter"],
	[/\p{Script=Greek}/u, "a Greek letter"],
	[/[\p{Cf}\p{Cc}]/u, "an invisible character"],
	[/\p{Z}/u, "a typographic space"],
	[/[‘’‚“”„]/, "a typographic quotation mark"],
	[/\p{Pd}|−/u, "a typographic dash"],
];

/**
 * Case, `-` and `_` count as equal, and so do letters that look alike.
 *
 * @returns the candidate that needs the fewest changes, nothing where each needs more than a third of the letters changed
 */
export function closest(name: string, candidates: readonly string[]): string | undefined {
	const plain = plainly(name);
	const most = Math.max(1, Math.floor(plain.length / 3));
	return candidates
		.filter((candidate) => Math.abs(candidate.length - plain.length) <= most && plain.length > 1)
		.map((candidate) => ({ candidate, distance: distance(plain, plainly(candidate)) }))
		.filter(({ distance }) => distance <= most)
		.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** @returns a clause about the first character that is not on the keyboard, nothing where there is no such character */
export function strangeLetter(text: string): string | undefined {
	const index = [...text.slice(0, 300)].findIndex((letter) => !isOnKeyboard(letter) && letter !== "\n");
	if (index < 0) {
		return undefined;
	}
	const letter = [...text][index]!;
	const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
	const kind = kinds.find(([pattern]) => pattern.test(letter))?.[1] ?? "a character that is not on every keyboard";
	const like = plainly(letter, false);
	const looks = isOnKeyboard(like) && like !== " " ? `, and looks like ${like}` : "";
	return `character ${index + 1} is ${kind} (U+${code})${looks}`;
}

function isOnKeyboard(letter: string): boolean {
	return letter.length === 1 && letter >= " " && letter <= "~";
}

/** Replaces letters by those of the keyboard that look like them. */
function plainly(text: string, inLowerCase = true): string {
	const plain = [...text.normalize("NFKC").replaceAll(/\p{Cf}/gu, "")]
		.map((letter) => lookAlikes.get(letter) ?? letter)
		.join("");
	return inLowerCase ? plain.toLowerCase().replaceAll(/[_-]/g, "") : plain;
}

/** How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
	const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
	for (let row = 1; row <= a.length; row += 1) {
		rows[row] = [row];
		for (let column = 1; column <= b.length; column += 1) {
			const isSame = a[row - 1] === b[column - 1];
			const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
			rows[row]![column] = Math.min(
				rows[row - 1]![column]! + 1,
				rows[row]![column - 1]! + 1,
				rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
				isSwapped ? rows[row - 2]![column - 2]! + 1 : Number.POSITIVE_INFINITY,
			);
		}
	}
	return rows[a.length]![b.length]!;
}
