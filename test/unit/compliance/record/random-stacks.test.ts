/** The record refuses no stack file that the check accepts; `npm run policy:record -- --try N --seed S` tries more of them. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { tryRecord } from "../../../../compliance/record/try-record.ts";

const seed = 20_261_130;

// The program prints the warnings of the check, once for each stack.
beforeAll(() => {
	for (const method of ["warn", "error"] as const) {
		vi.spyOn(console, method).mockReturnValue(undefined);
	}
});
afterAll(() => {
	vi.restoreAllMocks();
});

test("the record refuses none of 8 random stack files", { timeout: 120_000 }, async () => {
	expect(await tryRecord(seed, 8), `seed ${seed}`).toEqual([]);
});
