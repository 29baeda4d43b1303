import { expect, test } from "vitest";
import { batchesOf, unavailableWorkers } from "../../../../src/config/derived/worker-batches.ts";
import { labStack } from "../../../fixtures/lab.ts";

test.each([
	[1, 1],
	[3, 3],
	["1%", 1],
	["39%", 1],
	["40%", 2],
	["100%", 5],
] as const)("%s of the lab's five workers is %i", (maxUnavailableWorkers, expected) => {
	const { cluster, nodes } = labStack();
	expect(unavailableWorkers({ nodes, cluster: { ...cluster, maxUnavailableWorkers } })).toBe(expected);
});

test.each([
	[1, [["a"], ["b"], ["c"], ["d"], ["e"]]],
	[2, [["a"], ["b", "c"], ["d", "e"]]],
	[3, [["a"], ["b", "c", "d"], ["e"]]],
	[9, [["a"], ["b", "c", "d", "e"]]],
])("the first worker is alone, and then %i are together", (size, batches) => {
	expect(batchesOf(["a", "b", "c", "d", "e"], size)).toEqual(batches);
});

test("there is no batch without workers", () => {
	expect(batchesOf([], 2)).toEqual([]);
});
