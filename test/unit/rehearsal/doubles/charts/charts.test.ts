import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { list } from "tar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { chartDoubles, packageCharts } from "../../../../../rehearsal/doubles/network/chart-repository.ts";
import { chartPins } from "../../../../../src/config/derived/chart-pins.ts";
import { chartRepositories } from "../../../../../src/facts/add-ons.ts";
import { labStack } from "../../../../fixtures/lab.ts";

interface Index {
	entries: Record<string, { name: string; version: string; description: string; digest: string; urls: string[] }[]>;
}

let repository: string;
let index: Index;

beforeAll(async () => {
	repository = await mkdtemp(join(tmpdir(), "charts-"));
	await packageCharts(chartDoubles, repository);
	index = parse(await readFile(join(repository, "index.yaml"), "utf8"));
});
afterAll(() => rm(repository, { recursive: true }));

test("the repository has every chart of the platform in the version of the lab's stack file", () => {
	const versions = Object.fromEntries(Object.entries(index.entries).map(([name, [entry]]) => [name, entry?.version]));
	const pinned = Object.entries(chartPins(labStack().platform)).map(([name, { version }]) => [name, version]);
	expect(pinned.length).toBeGreaterThan(0);
	expect(versions).toMatchObject(Object.fromEntries(pinned));
	expect(Object.keys(versions).sort()).toEqual(Object.keys(chartRepositories).sort());
});

describe.each(Object.keys(chartRepositories))("%s", (name) => {
	test("says in its description that it is a double", () => {
		expect(index.entries[name]?.[0]?.description).toMatch(/^Double of the rehearsal, not the chart that/);
	});

	test("has the digest of the index when it is packaged", async () => {
		const { digest, urls } = index.entries[name]![0]!;
		const content = await readFile(join(repository, urls[0]!));
		expect(createHash("sha256").update(content).digest("hex")).toBe(digest);
	});

	test("is packaged in a folder of its name", async () => {
		const paths: string[] = [];
		const file = join(repository, index.entries[name]![0]!.urls[0]!);
		await list({ file, onReadEntry: ({ path }) => paths.push(path) });
		expect(paths).toEqual(expect.arrayContaining([`${name}/Chart.yaml`, `${name}/values.schema.json`]));
		expect(paths.filter((path) => !path.startsWith(`${name}/`))).toEqual([]);
	});
});

test("packages have the same bytes when the sources have other times", async () => {
	const other = await mkdtemp(join(tmpdir(), "charts-"));
	try {
		await cp(chartDoubles, join(other, "clone"), { recursive: true });
		for (const entry of await readdir(join(other, "clone"), { recursive: true })) {
			await utimes(join(other, "clone", entry), new Date("2001-01-01"), new Date("2001-01-01"));
		}
		await packageCharts(join(other, "clone"), join(other, "repository"));
		for (const file of await readdir(repository)) {
			const [here, there] = await Promise.all(
				[repository, join(other, "repository")].map((folder) => readFile(join(folder, file))),
			);
			expect(there?.equals(here!), file).toBe(true);
		}
	} finally {
		await rm(other, { recursive: true });
	}
});
