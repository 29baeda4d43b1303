import { expect, test } from "vitest";
import { workersTogether } from "../../../../review/compare/workers-together.ts";

const nodes = ["m1", "w1", "w2", "w3", "w4", "w5"].map((name) => ({
	name,
	role: name.startsWith("m") ? ("control-plane" as const) : ("worker" as const),
	host: "node01",
	address: "10.0.0.1",
	drainSeconds: 300,
}));
const cluster = { apiMode: "kube-vip", unavailableWorkers: 2 };

test.each([
	[["m1", "w1", "w2", "w3", "w4", "w5"], 2],
	[["w1", "w2"], 1],
	[["w4", "w5"], 2],
	[["w3", "w4"], 1],
	[["m1"], 1],
])("%s restart at most %i at the same time", (restarted, expected) => {
	expect(workersTogether(restarted, nodes, cluster)).toBe(expected);
});

test("a tree that is older than the key restarts one after another", () => {
	expect(workersTogether(["w4", "w5"], nodes, { apiMode: "kube-vip" })).toBe(1);
	expect(workersTogether(["w4", "w5"], nodes, undefined)).toBe(1);
});
