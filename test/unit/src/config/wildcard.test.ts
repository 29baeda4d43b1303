import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesWildcard } from "../../../../src/config/formats/wildcard.ts";

test("matchesWildcard agrees with a regular expression for any pattern", () => {
	const part = fc.stringMatching(/^[ab.*]{0,6}$/);
	fc.assert(
		fc.property(part, fc.stringMatching(/^[ab.]{0,8}$/), (pattern, text) => {
			const escaped = pattern.split("*").map((piece) => piece.replaceAll(".", "\\."));
			expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${escaped.join(".*")}$`).test(text));
		}),
		{ numRuns: 2000 },
	);
});

test("matchesWildcard is fast with forty stars", () => {
	const start = performance.now();
	expect(matchesWildcard("*a".repeat(40), `${"a".repeat(10_000)}b`)).toBe(false);
	expect(performance.now() - start).toBeLessThan(100);
});
