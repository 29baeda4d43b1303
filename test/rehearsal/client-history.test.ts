/** The checker of the client's history, on histories made by hand. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type ClientVerdict, clientProblems, judgeHistory } from "../../rehearsal/history/client-history.ts";
import { setUp } from "../../rehearsal/setup/index.ts";

let binaries: string;

beforeAll(async () => {
	({ binaries } = await setUp(() => undefined));
});

/** Kind, key, value or elements, start and end in milliseconds, outcome, and whether it is a last read. */
type Line = [
	kind: "write" | "read" | "add" | "list",
	key: string,
	value: string | string[],
	start: number,
	end: number,
	outcome?: "ok" | "failed" | "unknown",
	more?: { final?: boolean; retry?: boolean },
];

async function judge(...lines: Line[]): Promise<ClientVerdict> {
	const directory = await mkdtemp(join(tmpdir(), "client-history-test-"));
	onTestFinished(() => rm(directory, { recursive: true }));
	const attempts = lines.map(([kind, key, value, start, end, outcome = "ok", more = {}], operation) => ({
		operation,
		client: operation,
		kind,
		key,
		...(Array.isArray(value) ? { values: value } : { value }),
		start: start * 1e6,
		end: end * 1e6,
		outcome,
		...more,
	}));
	const file = join(directory, "history.jsonl");
	await writeFile(file, attempts.map((attempt) => JSON.stringify(attempt)).join("\n"));
	return judgeHistory(binaries, file);
}

const last = { final: true };

test("a history passes when each read shows the writes that ended before it", async () => {
	const verdict = await judge(
		["read", "register-0", "initial", 0, 5],
		["write", "register-0", "v1", 10, 20],
		["read", "register-0", "v1", 21, 25],
		["add", "set-0", "a", 30, 40],
		["list", "set-0", ["a"], 41, 45],
		["read", "register-0", "v1", 50, 55, "ok", last],
		["list", "set-0", ["a"], 50, 55, "ok", last],
	);
	expect(verdict).toMatchObject({ operations: 5, failedAttempts: 0, lostWrites: 0, staleReads: 0, longestGap: 15 });
	expect(verdict).toMatchObject({ notLinearizable: [], undecided: [], unknown: 0, failures: [] });
	expect(clientProblems({ ...verdict, perSecond: 20 })).toEqual([]);
});

test("a read is stale when it returns a value that an acknowledged write had replaced", async () => {
	const verdict = await judge(
		["write", "register-0", "v1", 0, 10],
		["write", "register-0", "v2", 20, 30],
		["read", "register-0", "v1", 40, 50],
		["read", "register-0", "v2", 60, 70, "ok", last],
	);
	expect(verdict).toMatchObject({ staleReads: 1, lostWrites: 0, notLinearizable: ["register-0"] });
	expect(clientProblems(verdict)).toContain("1 reads were stale");
	expect(clientProblems(verdict)).toContain("no order of its operations explains what the client read from register-0");
});

test("a list is stale when it misses an acknowledged element that is there at the end", async () => {
	const verdict = await judge(
		["add", "set-0", "a", 0, 10],
		["list", "set-0", [], 20, 30],
		["list", "set-0", ["a"], 40, 50, "ok", last],
	);
	expect(verdict).toMatchObject({ staleReads: 1, lostWrites: 0, notLinearizable: ["set-0"] });
});

test("a write is lost when it was acknowledged and an older value is there at the end", async () => {
	const verdict = await judge(
		["write", "register-0", "v1", 0, 10],
		["write", "register-0", "v2", 20, 30],
		["read", "register-0", "v1", 40, 50, "ok", last],
	);
	expect(verdict).toMatchObject({ lostWrites: 1, staleReads: 0, notLinearizable: ["register-0"] });
	expect(clientProblems(verdict)).toContain("1 acknowledged writes were lost");
});

test("an element is lost when it was acknowledged and is missing at the end", async () => {
	const verdict = await judge(
		["add", "set-0", "a", 0, 10],
		["add", "set-0", "b", 20, 30],
		["list", "set-0", ["b"], 40, 50, "ok", last],
	);
	expect(verdict).toMatchObject({ lostWrites: 1, notLinearizable: ["set-0"] });
});

test("a write of unknown outcome may take effect at once, later, or never, but only once", async () => {
	const reads = (before: string, after: string, end: string) =>
		judge(
			["write", "register-0", "v1", 0, 5000, "unknown"],
			["read", "register-0", before, 5500, 5510],
			["write", "register-0", "v1", 6000, 6010, "ok", { retry: true }],
			["write", "register-0", "v2", 7000, 7010],
			["read", "register-0", after, 7500, 7510],
			["read", "register-0", end, 8000, 8010, "ok", last],
		);
	const explained = { unknown: 1, failedAttempts: 1, failedOperations: 0, lostWrites: 0, notLinearizable: [] };
	expect(await reads("v1", "v2", "v2")).toMatchObject(explained);
	expect(await reads("initial", "v2", "v1")).toMatchObject(explained);
	expect(await reads("initial", "v2", "v2")).toMatchObject(explained);
	expect(await reads("v1", "v2", "v1")).toMatchObject({ notLinearizable: ["register-0"] });
});

test("a write that certainly failed must not be read", async () => {
	const verdict = await judge(
		["write", "register-0", "v1", 0, 5, "failed"],
		["read", "register-0", "v1", 10, 20],
		["read", "register-0", "initial", 30, 40, "ok", last],
	);
	expect(verdict.notLinearizable).toEqual(["register-0"]);
});

test("an operation has failed when its retry failed too, and the failures are listed", async () => {
	const verdict = await judge(
		["read", "register-0", "initial", 0, 10],
		["read", "register-0", "", 20, 30, "failed"],
		["read", "register-0", "", 1030, 1040, "failed", { retry: true }],
		["read", "register-0", "initial", 2000, 2010],
	);
	expect(verdict).toMatchObject({ failedAttempts: 1, failedOperations: 1, longestGap: 2000 });
	expect(clientProblems(verdict)).toContain("1 operations failed at their retry too");
	expect(verdict.failures).toEqual(["0.0 s, 10 ms, read register-0:", "1.0 s, 10 ms, read register-0, retry:"]);
});
