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
	stack: StackConfig;
	gpuOperator: GpuOperatorConfig;
	smokeTest: NonNullable<GpuOperatorConfig["smokeTest"]>;
}

/** nobody */
const unprivilegedUser = 65_534;

/**
 * Asks for a card on every node that has one, computes on it, and is done: the driver, the container runtime and the
 * device plugin then work there for pods without any privilege. `up` waits for it, and fails with what Kubernetes says
 * about the Job.
 *
 * A Job cannot be changed. Its name holds a digest of what it has shown, so that another one runs when that changes. It
 * has no time to live, after which Kubernetes would remove what Pulumi still has in its state.
 */
export class GpuSmokeTest extends pulumi.ComponentResource {
	constructor(name: string, args: GpuSmokeTestArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:GpuSmokeTest", name, {}, opts);
		const { stack } = args;
		const namespace = new HardenedNamespace(
			smokeTestNamespace,
			// Whoever computes needs nobody: not even a name is looked up.
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: [defaultDeny()] },
			{ parent: this },
		);
		const account = new ServiceAccount(
			"gpu-smoke-test",
			{ metadata: { name: smokeTestNamespace, namespace: smokeTestNamespace }, automountServiceAccountToken: false },
			{ parent: this, dependsOn: namespace },
		);
		for (const [node, config] of Object.entries(stack.nodes).filter(([, { gpu }]) => gpu)) {
			testCard(node, config, args, { parent: this, dependsOn: account });
		}
		this.registerOutputs({});
	}
}

function testCard(
	node: string,
	config: NodeConfig,
	{ stack, gpuOperator, smokeTest }: GpuSmokeTestArgs,
	opts: pulumi.CustomResourceOptions,
): Job {
	const spec = jobSpec(node, config, smokeTest);
	const shown = {
		node,
		gpu: config.gpu,
		operator: gpuOperator.version,
		driver: gpuOperator.driver,
		driverVersion: gpuOperator.driverVersion,
		rke2: stack.cluster.version,
		spec,
	};
	const digest = createHash("sha256").update(JSON.stringify(shown)).digest("hex").slice(0, 8);
	return new Job(
		`${node}-gpu-smoke-test`,
		{
			metadata: {
				// The name of a Job is also a label of its pods, and so no longer than 63 characters.
				name: `${node.slice(0, 54)}-${digest}`,
				namespace: smokeTestNamespace,
				// After a failure the next `up` runs it anew, rather than read the old failure again.
				annotations: { "pulumi.com/replaceUnready": "true" },
			},
			spec,
		},
		// Later than the Job's own deadline, which says more.
		{ ...opts, customTimeouts: { create: `${smokeTest.timeoutSeconds + 60}s` } },
	);
}

function jobSpec(node: string, config: NodeConfig, { image, timeoutSeconds }: GpuSmokeTestArgs["smokeTest"]) {
	return {
		activeDeadlineSeconds: timeoutSeconds,
		// The toolkit restarts RKE2 on the node while it is set up, and takes a pod with it that is there already.
		backoffLimit: 2,
		template: {
			metadata: { labels: { "app.kubernetes.io/name": smokeTestNamespace } },
			spec: {
				serviceAccountName: smokeTestNamespace,
				automountServiceAccountToken: false,
				enableServiceLinks: false,
				restartPolicy: "Never",
				// By label and not by `nodeName`, which would pass the scheduler by and with it the count of cards.
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
						// The cache of compiled code has no place where nothing can be written.
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
