import { beforeAll, describe, expect, test } from "vitest";
import type { LabStack } from "../../../../fixtures/lab.ts";
import type { Registration } from "../../recorder.ts";
import { lab, named, namespaceType, objects, platform, policyType, releaseType } from "../platform-lab.ts";

test("node feature discovery runs with the runtime's seccomp profile", () => {
	const confined = { podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } } };
	expect(named(objects, releaseType, "gpu-operator").inputs.values).toMatchObject({
		"node-feature-discovery": { master: confined, worker: confined, gc: confined },
	});
});

test("the GPU Operator gets RKE2's socket and no configuration file", () => {
	expect(named(objects, releaseType, "gpu-operator").inputs.values).toMatchObject({
		toolkit: { env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }] },
		driver: { enabled: true },
		mig: { strategy: "none" },
		migManager: { enabled: false },
		operator: { cleanupCRD: false },
		devicePlugin: {},
	});
});

describe("pods on the nodes with a GPU", () => {
	const exists = (key: string, effect: string) => ({ key, operator: "Exists", effect });
	const role = exists("node-role.kubernetes.io/control-plane", "NoSchedule");
	const gpu = exists("nvidia.com/gpu", "NoSchedule");
	const tolerations = (registrations: Registration[]) => {
		const values = named(registrations, releaseType, "gpu-operator").inputs.values as {
			daemonsets: { tolerations: object[] };
			"node-feature-discovery": { worker: { tolerations: object[] } };
		};
		return [values.daemonsets.tolerations, values["node-feature-discovery"].worker.tolerations];
	};

	test("tolerate what the chart itself tolerates, each taint once", () => {
		expect(tolerations(lab)).toEqual([[gpu], [role, gpu]]);
	});

	test("tolerate further taints of these nodes, and none of other nodes", async () => {
		const registrations = await platform(({ nodes }) => {
			nodes["proj-k8sw04"]!.taints.push("dedicated=ml:NoSchedule", "dedicated=ml:NoExecute");
			nodes["proj-k8sw05"]!.taints.push("dedicated=physics:NoSchedule");
			nodes["proj-k8sw01"]!.taints.push("reserved:NoSchedule");
		});
		const own = [exists("dedicated", "NoSchedule"), exists("dedicated", "NoExecute")];
		expect(tolerations(registrations)).toEqual([
			[gpu, ...own],
			[role, gpu, ...own],
		]);
	});

	test("tolerate the taint of a control plane with a GPU", async () => {
		const registrations = await platform(({ nodes }) => {
			nodes["proj-k8sm01"]!.gpu = nodes["proj-k8sw04"]!.gpu;
			nodes["proj-k8sw04"]!.gpu = undefined;
		});
		expect(tolerations(registrations)).toEqual([
			[gpu, role],
			[role, gpu],
		]);
	});
});

describe("the driver", () => {
	const valuesWith = async (change: (stack: LabStack) => void) =>
		named(await platform(change), releaseType, "gpu-operator").inputs.values;
	const fetches = (registrations: Registration[]) =>
		registrations.some(({ name }) => name === "gpu-operator-allow-driver-packages");

	test("is the operator's by default, which may download packages for building it", () => {
		expect(named(objects, releaseType, "gpu-operator").inputs.values).toMatchObject({
			driver: { enabled: true, env: [] },
		});
		expect(fetches(lab)).toBe(true);
	});

	test("has the version of the stack file", async () => {
		const values = await valuesWith(({ platform: { gpuOperator } }) => {
			gpuOperator.driverVersion = "580.95.05";
		});
		expect(values).toMatchObject({ driver: { enabled: true, version: "580.95.05" } });
	});

	test("is the host's when the stack file says so, and then needs no download", async () => {
		const host = await platform(({ platform: { gpuOperator } }) => {
			gpuOperator.driver = "host";
		});
		expect(named(host, releaseType, "gpu-operator").inputs.values).toMatchObject({
			driver: { enabled: false },
			toolkit: { enabled: true },
		});
		expect(fetches(host)).toBe(false);
	});

	test("is downloaded through the proxy, with variables in capitals and in small letters", async () => {
		const url = "http://10.25.10.9:3128";
		const values = await valuesWith(({ cluster }) => {
			cluster.proxy = { url, exceptions: [".lab.internal"] };
		});
		const { env } = (values as { driver: { env: { name: string; value: string }[] } }).driver;
		expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toEqual({
			HTTP_PROXY: url,
			http_proxy: url,
			HTTPS_PROXY: url,
			https_proxy: url,
			NO_PROXY: expect.stringMatching(/10\.25\.20\.0\/24.*10\.43\.0\.0\/16.*\.lab\.internal$/),
			no_proxy: expect.stringMatching(/10\.25\.20\.0\/24.*10\.43\.0\.0\/16.*\.lab\.internal$/),
		});
	});
});

describe("GPUs", () => {
	const sliced = (shares: Record<string, number>) =>
		platform(({ nodes }) => {
			for (const [node, timeSlices] of Object.entries(shares)) {
				nodes[node]!.gpu!.timeSlices = timeSlices;
			}
		});
	const configMap = (registrations: Registration[]) =>
		named(registrations, "kubernetes:core/v1:ConfigMap", "time-slicing");

	test("are shared node by node, by a ConfigMap that the release names and waits for", async () => {
		const registrations = await sliced({ "proj-k8sw04": 4 });
		const { metadata, data } = configMap(registrations).inputs as {
			metadata: { name: string };
			data: Record<string, string>;
		};
		expect(Object.keys(data).sort()).toEqual(["exclusive", "shared-4"]);
		expect(data["shared-4"]).toContain("replicas: 4");
		expect(data.exclusive).not.toContain("replicas");
		const release = named(registrations, releaseType, "gpu-operator");
		expect(release.inputs.values).toMatchObject({
			devicePlugin: { config: { name: metadata.name, default: "exclusive" } },
		});
		expect(release.dependsOn).toContain("time-slicing");
	});

	test("give the ConfigMap another name when shares change, because the operator watches only the name", async () => {
		const one = await sliced({ "proj-k8sw04": 2 });
		const other = await sliced({ "proj-k8sw04": 2, "proj-k8sw05": 3 });
		const [before, after] = [one, other].map((all) => (configMap(all).inputs.metadata as { name: string }).name);
		expect(after).not.toBe(before);
	});

	describe("the smoke test", () => {
		const image = `registry.example/cuda:1.0.0@sha256:${"0123456789abcdef".repeat(4)}`;
		const jobType = "kubernetes:batch/v1:Job";
		const tested = (change: (stack: LabStack) => void = () => {}) =>
			platform((stack) => {
				stack.platform.gpuOperator.smokeTest = { image, timeoutSeconds: 900 };
				change(stack);
			});
		const jobs = (registrations: Registration[]) =>
			registrations.filter(({ type, name }) => type === jobType && name.endsWith("gpu-smoke-test"));
		const nameOf = ({ inputs }: Registration) => (inputs.metadata as { name: string }).name;
		let smoke: Registration[];
		beforeAll(async () => {
			smoke = await tested();
		});

		test("is not created unless the stack file has it", () => {
			expect(lab.filter(({ name }) => name.includes("smoke-test"))).toEqual([]);
		});

		test("requests one GPU on each node with a GPU, and tolerates that node's taints", () => {
			const found = jobs(smoke);
			expect(found.map(({ name }) => name)).toEqual(["proj-k8sw04-gpu-smoke-test", "proj-k8sw05-gpu-smoke-test"]);
			expect(found[0]!.inputs).toMatchObject({
				metadata: { namespace: "gpu-smoke-test", annotations: { "pulumi.com/replaceUnready": "true" } },
				spec: {
					activeDeadlineSeconds: 900,
					template: {
						spec: {
							restartPolicy: "Never",
							nodeSelector: { "kubernetes.io/hostname": "proj-k8sw04" },
							tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
							containers: [{ image, resources: { limits: { "nvidia.com/gpu": "1" } } }],
						},
					},
				},
			});
		});

		test("tolerates the taint of a control plane with a GPU", async () => {
			const all = await tested(({ nodes }) => {
				nodes["proj-k8sw04"]!.role = "control-plane";
			});
			expect(named(all, jobType, "proj-k8sw04-gpu-smoke-test").inputs).toMatchObject({
				spec: {
					template: {
						spec: {
							tolerations: [
								{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
								{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
							],
						},
					},
				},
			});
		});

		test("waits for the operator, and runs in a restricted namespace without network", () => {
			expect(named(smoke, "rke2-lab:platform:GpuSmokeTest", "gpu-smoke-test").dependsOn).toContain("gpu-operator");
			const account = named(smoke, "kubernetes:core/v1:ServiceAccount", "gpu-smoke-test");
			expect(account.dependsOn).toContain("gpu-smoke-test-default-deny-all");
			for (const job of jobs(smoke)) {
				expect(job.dependsOn).toEqual(["gpu-smoke-test"]);
			}
			expect(named(smoke, namespaceType, "gpu-smoke-test").inputs).toMatchObject({
				metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
			});
			const policies = smoke.filter(({ type, name }) => type === policyType && name.startsWith("gpu-smoke-test-"));
			expect(policies.map(({ name }) => name)).toEqual(["gpu-smoke-test-default-deny-all"]);
		});

		test("has another name, and so runs again, when its result may no longer hold", async () => {
			const before = jobs(smoke).map(nameOf);
			const changes: [(stack: LabStack) => void, number[]][] = [
				[({ platform: { gpuOperator } }) => (gpuOperator.version = "v26.8.0"), [0, 1]],
				[({ cluster }) => (cluster.version = "v1.35.8+rke2r1"), [0, 1]],
				[({ platform: { gpuOperator } }) => (gpuOperator.driver = "host"), [0, 1]],
				[({ platform: { gpuOperator } }) => (gpuOperator.driverVersion = "580.95.05"), [0, 1]],
				[({ nodes }) => (nodes["proj-k8sw05"]!.gpu!.timeSlices = 2), [1]],
				[({ nodes }) => (nodes["proj-k8sw01"]!.memoryGiB = 16), []],
			];
			for (const [change, again] of changes) {
				const after = jobs(await tested(change)).map(nameOf);
				expect(after.flatMap((name, index) => (name === before[index] ? [] : [index]))).toEqual(again);
			}
		});

		test("has a name that Kubernetes accepts for a Job", async () => {
			const long = "a".repeat(63);
			const [job] = jobs(
				await tested((stack) => {
					stack.nodes = { [long]: stack.nodes["proj-k8sw04"]!, "proj-k8sm01": stack.nodes["proj-k8sm01"]! };
				}),
			);
			expect(nameOf(job!)).toMatch(/^a{54}-[0-9a-f]{8}$/);
		});
	});

	test("leave out the operator when no node has one", async () => {
		const without = await platform((stack) => {
			for (const node of Object.values(stack.nodes)) {
				delete node.gpu;
			}
		});
		expect(without.filter(({ name }) => name.startsWith("gpu-operator"))).toEqual([]);
	});
});
