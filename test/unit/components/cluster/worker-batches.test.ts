import { describe, expect, test } from "vitest";
import { controlPlanes, Recording, stack, workers } from "./cluster-recording.ts";

const converge = (node: string) => `${node}-converge`;

describe("a stack whose rollout may take two workers at the same time", async () => {
	const recording = await Recording.of({ ...stack, cluster: { ...stack.cluster, maxUnavailableWorkers: 2 } });
	const earlier = (node: string) =>
		[...controlPlanes, ...workers].filter(
			(other) => other !== node && recording.isAfter(converge(node), converge(other)),
		);

	test("changes the first worker after every control plane", () => {
		expect(earlier("proj-k8sw01")).toEqual(controlPlanes);
	});

	test.each(["proj-k8sw02", "proj-k8sw03"])("changes %s after the first worker", (node) => {
		expect(earlier(node)).toEqual([...controlPlanes, "proj-k8sw01"]);
	});

	test.each(["proj-k8sw04", "proj-k8sw05"])("changes %s after both workers of the batch before", (node) => {
		expect(earlier(node)).toEqual([...controlPlanes, "proj-k8sw01", "proj-k8sw02", "proj-k8sw03"]);
	});

	test("changes its control planes one after another", () => {
		expect(controlPlanes.map(earlier)).toEqual([[], controlPlanes.slice(0, 1), controlPlanes.slice(0, 2)]);
	});
});
