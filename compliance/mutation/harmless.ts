/** The reviewed list of changes that no policy blocks (harmless.yaml). */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { changeKinds, type Mutant } from "./mutant.ts";

/** Places with one reason. */
const group = z.strictObject({
	reason: z.string().min(20),
	changes: z.array(z.enum(changeKinds)).min(1),
	/** By type of the resource; `*` stands for any one member. */
	places: z.record(z.string(), z.array(z.string()).min(1)),
});

/** A place of one type of resource. */
export interface HarmlessPlace {
	type: string;
	/** As the file has it. */
	place: string;
	changes: readonly string[];
	reason: string;
	pattern: RegExp;
}

export const harmlessFile = new URL("harmless.yaml", import.meta.url);

/** @throws ZodError or YAMLParseError when the text is no such list */
export function parseHarmless(text: string): HarmlessPlace[] {
	return z
		.array(group)
		.parse(parse(text))
		.flatMap(({ reason, changes, places }) =>
			Object.entries(places).flatMap(([type, list]) =>
				list.map((place) => ({ type, place, changes, reason, pattern: patternOf(place) })),
			),
		);
}

export function harmlessPlaces(): HarmlessPlace[] {
	return parseHarmless(readFileSync(harmlessFile, "utf8"));
}

/** The entry that says why a mutant may survive, if there is one. */
export function harmlessPlaceOf(
	{ type, place, kind }: Mutant,
	places: readonly HarmlessPlace[],
): HarmlessPlace | undefined {
	return places.find((entry) => entry.type === type && entry.changes.includes(kind) && entry.pattern.test(place));
}

function patternOf(place: string): RegExp {
	const parts = place.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
	return new RegExp(`^${parts.join('(?:"[^"]*"|[\\w-]+)')}$`);
}
