import { expect, test } from "vitest";
import type { StackConfig } from "../../../../../src/config/schema/stack.ts";
import type { Registration } from "../../recorder.ts";
import { named, namespaceType, objects, platform } from "../platform-lab.ts";

const jobType = "kubernetes:batch/v1:Job";
const job = (registrations: Registration[]) => named(registrations, jobType, "network-check");
const nameOf = ({ inputs }: Registration) => (inputs.metadata as { name: string }).name;
const changed = async (change: (stack: StackConfig) => void) => nameOf(job(await platform(change)));

test("the network check runs one pod on every node, whatever its taints, before `up` ends", () => {
	const { inputs, dependsOn } = job(objects);
	expect(inputs).toMatchObject({
		metadata: { namespace: "network-check", annotations: { "pulumi.com/replaceUnready": "true" } },
		spec: { completionMode: "Indexed", completions: 8, parallelism: 8, backoffLimitPerIndex: 0 },
	});
	const { spec } = (inputs.spec as { template: { spec: Record<string, unknown> } }).template;
	expect(spec.tolerations).toEqual([
		{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
		{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
	]);
	expect(spec.affinity).toMatchObject({
		podAntiAffinity: {
			requiredDuringSchedulingIgnoredDuringExecution: [
				{
					topologyKey: "kubernetes.io/hostname",
					labelSelector: { matchLabels: { "batch.kubernetes.io/job-name": nameOf(job(objects)) } },
				},
			],
		},
	});
	expect(dependsOn).toEqual(expect.arrayContaining(["network-check", "network-check-pods", "network-check-all"]));
});

test("the network check runs again when the network, the nodes or RKE2 change, and not when only a size changes", async () => {
	const before = nameOf(job(objects));
	const changes: ((stack: StackConfig) => void)[] = [
		({ cluster }) => {
			cluster.canal.checksumOffload = true;
		},
		({ cluster }) => {
			cluster.version = "v1.35.8+rke2r1";
		},
		({ nodes }) => {
			delete nodes["proj-k8sw03"];
		},
	];
	const names = [before];
	for (const change of changes) {
		names.push(await changed(change));
	}
	expect(new Set(names).size).toBe(4);
	expect(
		await changed(({ nodes }) => {
			nodes["proj-k8sw03"]!.memoryGiB = 24;
		}),
	).toBe(before);
});

test("the network check creates nothing when the checks are off", async () => {
	const closed = await platform((stack) => {
		stack.platform.checks.enabled = false;
	});
	expect(closed.filter(({ type }) => type === jobType)).toEqual([]);
	expect(closed.filter(({ type, name }) => type === namespaceType && name === "network-check")).toEqual([]);
});
