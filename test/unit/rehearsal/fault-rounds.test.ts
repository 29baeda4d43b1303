/** Where the faults of the sweep happen. The rehearsal makes them. */
import { expect, test } from "vitest";
import { describePoint, type FaultPoint, faultRounds } from "../../../rehearsal/scenarios/faults/points.ts";

const rounds = faultRounds();
const points = rounds.flatMap(({ operation, points }) =>
	points.map((point: FaultPoint) => `${operation}: ${describePoint(point)}`),
);

test("the sweep has more than 100 points, each once", () => {
	expect(points.length).toBeGreaterThan(100);
	expect(new Set(points).size).toBe(points.length);
});

test("a step of a node meets one fault in a round at most", () => {
	for (const { points } of rounds) {
		const steps = points.map(({ node, step }) => `${node} ${step}`);
		expect(new Set(steps).size).toBe(steps.length);
	}
});

test.each(["proj-k8sm01", "proj-k8sm02", "proj-k8sm03", "proj-k8sw01", "proj-k8sw02"])(
	"%s meets the same faults as each other node when it converges",
	(node) => {
		const faults = (name: string) =>
			rounds
				.flatMap(({ points }) => points)
				.filter((point) => point.node === name && point.step === "converge")
				.map(({ fault }) => fault.name)
				.sort();
		expect(faults(node)).toHaveLength(9);
		expect(faults(node)).toEqual(faults("proj-k8sm01"));
	},
);
