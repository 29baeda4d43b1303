/** The largest number of nodes, and the time to read them. */
import { expect, test } from "vitest";
import { valuesWithNodes } from "../../../../bench/many-nodes.ts";
import { warnings } from "../../../../src/config/checks/warnings.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";

function milliseconds(count: number): number {
	// As many hosts as nodes, so that a rule over each pair of them takes visibly longer.
	const values = valuesWithNodes(count, count);
	const runs = Array.from({ length: 5 }, () => {
		const start = performance.now();
		const { value, problems } = parseStack(values);
		expect(problems).toEqual([]);
		warnings(value!);
		return performance.now() - start;
	});
	return Math.min(...runs);
}

test("parseStack accepts 800 nodes, in a time that grows linearly", () => {
	milliseconds(800);
	// Quadratic growth would give 16.
	expect(milliseconds(2000) / milliseconds(500)).toBeLessThan(10);
});

test("parseStack refuses more nodes than the widest pod network has room for", () => {
	expect(parseStack(valuesWithNodes(2049)).problems).toEqual([
		{
			key: "cluster.podCidr",
			message: "holds a /24 for each of 2048 nodes, found 2049 nodes; a cluster has 2048 at most, with a /13.",
		},
	]);
});
