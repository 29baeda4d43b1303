/** GPUs from the Proxmox mapping to a pod that uses one: the offered shares, and the smoke test. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { errors, eventually, only, without } from "./support/scenario.ts";

// No image is pulled here, but the reference must be complete.
const image = `nvcr.io/nvidia/k8s/cuda-sample:vectoradd@sha256:${"0123456789abcdef".repeat(4)}`;
const tested = { platform: { gpuOperator: { smokeTest: { image } } } };
const shared = { nodes: { "proj-k8sw05": { gpu: { timeSlices: 2 } } } };
const hasty = { ...shared, platform: { gpuOperator: { smokeTest: { image, timeoutSeconds: 20 } } } };

describe("two GPUs, one of them with four shares, on a node with a taint", () => {
	let rehearsal: Rehearsal;
	let first: EngineResult;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-gpus",
			stack: "lab",
			policies: false,
			change: {
				platform: without("certManager", "metallb"),
				nodes: {
					...only("proj-k8sm01", "proj-k8sw01", "proj-k8sw04", "proj-k8sw05"),
					"proj-k8sw04": {
						gpu: { timeSlices: 4 },
						taints: ["nvidia.com/gpu=present:NoSchedule", "dedicated=ml:NoSchedule"],
					},
				},
			},
			say: () => undefined,
		});
		first = await rehearsal.up(tested);
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("up ends when a pod on each of the nodes had a GPU", async () => {
		expect(errors(first)).toEqual([]);
		expect(await completed(rehearsal)).toEqual(["proj-k8sw04", "proj-k8sw05"]);
	});

	test("a node offers the shares of its GPUs in the stack file, and other nodes offer none", async () => {
		await eventually(async () => expect(await offers(rehearsal)).toEqual(["proj-k8sw04 4", "proj-k8sw05 1"]));
	});

	test("a pod waits when it requests more shares than there are", async () => {
		// In a namespace that allows privileged pods, so that only the GPUs decide.
		const namespace = ["-n", "gpu-operator"];
		for (const name of ["greedy-1", "greedy-2"]) {
			const overrides = JSON.stringify({ spec: greedySpec(name) });
			await rehearsal.kubectl("run", name, ...namespace, "--image=greedy", "-l=app=greedy", "--overrides", overrides);
		}
		await eventually(async () => {
			const scheduled = await rehearsal.kubectl("get", "pods", ...namespace, "-l=app=greedy", ...phases);
			expect(scheduled.split(" ").sort()).toEqual(["Pending", "Running"]);
		});
		await rehearsal.kubectl("delete", "pods", ...namespace, "-l=app=greedy");
	});

	test("up repeats the smoke test of a node when its shares change", async () => {
		const up = await rehearsal.up({ ...tested, ...shared });
		expect(errors(up)).toEqual([]);
		const run = up.steps.filter(({ type, operation }) => type === "kubernetes:batch/v1:Job" && operation !== "same");
		expect(run.map(({ operation, urn }) => `${operation} ${urn.split("::").at(-1)}`)).toEqual([
			"replace proj-k8sw05-gpu-smoke-test",
		]);
		await eventually(async () => expect(await offers(rehearsal)).toEqual(["proj-k8sw04 4", "proj-k8sw05 2"]));
	});

	test("up removes the smoke test when it is switched off", async () => {
		const off = await rehearsal.up(shared);
		expect(errors(off)).toEqual([]);
		expect(off.changes).toMatchObject({ create: 0, replace: 0 });
		expect(changeCount(await rehearsal.preview(shared))).toBe(0);
		expect(await rehearsal.kubectl("get", "namespaces", "--output", "name")).not.toContain("gpu-smoke-test");
	});

	test("up names the node when its GPU is lost and the smoke test is switched on again", async () => {
		await rehearsal.datacenter.injectFault({ kind: "gpus", vmId: rehearsal.stack.nodes["proj-k8sw05"]!.vmId });
		await eventually(async () => expect(await offers(rehearsal)).toEqual(["proj-k8sw04 4"]));

		const on = await rehearsal.up(hasty);
		const [error, ...others] = errors(on);
		expect(error).toContain("proj-k8sw05-gpu-smoke-test");
		expect(error).toContain("Job was active longer than specified deadline");
		expect(others).toEqual([]);
		expect(on.changes).toMatchObject({ replace: 0, delete: 0 });
		const events = await rehearsal.kubectl("events", "-n", "gpu-smoke-test", "--types", "Warning");
		expect(events).toContain("Insufficient nvidia.com/gpu");
	});

	test("the next up succeeds, and a preview is empty, when the GPU is back", async () => {
		await rehearsal.power("proj-k8sw05", "stop");
		await rehearsal.power("proj-k8sw05", "start");
		await eventually(async () => expect(await offers(rehearsal)).toContain("proj-k8sw05 2"), 180);
		expect(errors(await rehearsal.up(hasty))).toEqual([]);
		expect(await completed(rehearsal)).toEqual(["proj-k8sw04", "proj-k8sw05"]);
		expect(changeCount(await rehearsal.preview(hasty))).toBe(0);
	});
});

const phases = ["--output", "jsonpath={.items[*].status.phase}"];

function greedySpec(name: string) {
	return {
		nodeSelector: { "kubernetes.io/hostname": "proj-k8sw05" },
		tolerations: [{ operator: "Exists" }],
		containers: [{ name, image: "greedy", resources: { limits: { "nvidia.com/gpu": "1" } } }],
	};
}

interface Job {
	metadata: { uid: string };
	status: { conditions?: { type: string; status: string }[] };
}

interface Pod {
	metadata: { labels: Record<string, string> };
	spec: { nodeName: string };
}

/** Nodes with a complete smoke test. Every existing test must be complete. */
async function completed(rehearsal: Rehearsal): Promise<string[]> {
	const get = async (kind: string) =>
		JSON.parse(await rehearsal.kubectl("get", kind, "-n", "gpu-smoke-test", "--output", "json")).items;
	const jobs = (await get("jobs")) as Job[];
	const pods = (await get("pods")) as Pod[];
	const nodes = jobs.map(({ metadata, status }) => {
		expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Complete", status: "True" }));
		return pods.find((pod) => pod.metadata.labels["batch.kubernetes.io/controller-uid"] === metadata.uid)?.spec
			.nodeName;
	});
	return nodes.map(String).sort();
}

/** `<node> <GPUs>` of each node that offers GPUs. */
async function offers(rehearsal: Rehearsal): Promise<string[]> {
	const { items } = JSON.parse(await rehearsal.kubectl("get", "nodes", "--output", "json"));
	return (items as { metadata: { name: string }; status: { allocatable: Record<string, string> } }[])
		.map(({ metadata, status }) => [metadata.name, status.allocatable["nvidia.com/gpu"] ?? "0"])
		.filter(([, count]) => count !== "0")
		.map((pair) => pair.join(" "))
		.sort();
}
