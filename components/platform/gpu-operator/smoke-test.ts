import { createHash } from "node:crypto";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import * as pulumi from "@pulumi/pulumi";
import { nodeTaints, tolerationOf } from "../../../src/config/derived/node-taints.ts";
import type { NodeConfig, StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { defaultDeny } from "../network-policies/rules.ts";

const smokeTestNamespace = platformNamespaces.gpuSmokeTest;

type GpuOperatorConfig = NonNullable<StackConfig["platform"]["gpuOperator"]>;

export interface GpuSmokeTestArgs {
	stack: Pick<StackConfig, "cluster" | "nodes">;
	gpuOperator: GpuOperatorConfig;
	smokeTest: NonNullable<GpuOperatorConfig["smokeTest"]>;
}

/** The user `nobody`. */
const unprivilegedUser = 65_534;

/**
 * Runs one Job on every node with a GPU, which requests the GPU and computes on it. A success proves that the driver, the
 * container runtime and the device plugin work for pods without privileges. `up` waits for the Jobs, and fails with Kubernetes'
 * message about a Job.
 *
 * A Job cannot be changed. Its name contains a digest of everything that it has tested, so that another Job runs when that
 * changes. It has no time to live: Kubernetes would delete a Job that Pulumi still has in its state.
 */
export class GpuSmokeTest extends pulumi.ComponentResource {
	constructor(name: string, args: GpuSmokeTestArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:GpuSmokeTest", name, {}, opts);
		const { stack } = args;
		const namespace = new HardenedNamespace(
			smokeTestNamespace,
			// The test needs no network, not even DNS.
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: [defaultDeny()] },
			{ parent: this },
		);
		const account = new ServiceAccount(
			"gpu-smoke-test",
			{ metadata: { name: smokeTestNamespace, namespace: smokeTestNamespace }, automountServiceAccountToken: false },
			{ parent: this, dependsOn: namespace },
		);
		for (const [node, config] of Object.entries(stack.nodes).filter(([, { gpu }]) => gpu)) {
			testGpu(node, config, args, { parent: this, dependsOn: account });
		}
		this.registerOutputs({});
	}
}

function testGpu(
	node: string,
	config: NodeConfig,
	{ stack, gpuOperator, smokeTest }: GpuSmokeTestArgs,
	opts: pulumi.CustomResourceOptions,
): Job {
	const spec = jobSpec(node, config, smokeTest);
	const tested = {
		node,
		gpu: config.gpu,
		operator: gpuOperator.version,
		driver: gpuOperator.driver,
		driverVersion: gpuOperator.driverVersion,
		rke2: stack.cluster.version,
		spec,
	};
	const digest = createHash("sha256").update(JSON.stringify(tested)).digest("hex").slice(0, 8);
	return new Job(
		`${node}-gpu-smoke-test`,
		{
			metadata: {
				// The name of a Job is also a label of its pods, and so no longer than 63 characters.
				name: `${node.slice(0, 54)}-${digest}`,
				namespace: smokeTestNamespace,
				// After a failure the next `up` replaces the Job instead of reading the old failure again.
				annotations: { "pulumi.com/replaceUnready": "true" },
			},
			spec,
		},
		// Later than the Job's own deadline, whose message says more.
		{ ...opts, customTimeouts: { create: `${smokeTest.timeoutSeconds + 60}s` } },
	);
}

function jobSpec(node: string, config: NodeConfig, { image, timeoutSeconds }: GpuSmokeTestArgs["smokeTest"]) {
	return {
		activeDeadlineSeconds: timeoutSeconds,
		// The toolkit restarts RKE2 on the node during its installation, which ends a pod that already runs there.
		backoffLimit: 2,
		template: {
			metadata: { labels: { "app.kubernetes.io/name": smokeTestNamespace } },
			spec: {
				serviceAccountName: smokeTestNamespace,
				automountServiceAccountToken: false,
				enableServiceLinks: false,
				restartPolicy: "Never",
				// By label and not by `nodeName`, which would bypass the scheduler and so the count of GPUs.
				nodeSelector: { "kubernetes.io/hostname": node },
				tolerations: nodeTaints(config).map(tolerationOf),
				securityContext: {
					runAsNonRoot: true,
					runAsUser: unprivilegedUser,
					runAsGroup: unprivilegedUser,
					seccompProfile: { type: "RuntimeDefault" },
				},
				containers: [
					{
						name: "smoke-test",
						image,
						// The file system is read-only, without a place for the cache of compiled code.
						env: [{ name: "CUDA_CACHE_DISABLE", value: "1" }],
						resources: {
							requests: { cpu: "100m", memory: "256Mi" },
							limits: { memory: "1Gi", "nvidia.com/gpu": "1" },
						},
						securityContext: {
							allowPrivilegeEscalation: false,
							readOnlyRootFilesystem: true,
							capabilities: { drop: ["ALL"] },
						},
					},
				],
			},
		},
	};
}
