import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { exposeMetrics } from "../releases/expose-metrics.ts";
import { installChart } from "../releases/install-chart.ts";
import { gpuOperatorPolicies } from "./network-policies.ts";
import { gpuOperatorValues, type TimeSlicing, timeSlicing } from "./values.ts";

export interface GpuOperatorArgs {
	stack: StackConfig;
	gpuOperator: NonNullable<StackConfig["platform"]["gpuOperator"]>;
}

/** NVIDIA's GPU Operator: driver, container toolkit and device plugin on the nodes with a GPU. */
export class GpuOperator extends pulumi.ComponentResource {
	constructor(name: string, { stack, gpuOperator }: GpuOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:GpuOperator", name, {}, opts);
		const namespace = new HardenedNamespace(
			platformNamespaces.gpuOperator,
			// The driver loads kernel modules. The operator could set the label itself, but does not start without it.
			{
				podSecurity: "privileged",
				clusterVersion: stack.cluster.version,
				policies: gpuOperatorPolicies(stack, gpuOperator),
			},
			{ parent: this },
		);
		const slicing = timeSlicing(stack);
		const sharing = slicing ? [createSharing(slicing, { parent: this, dependsOn: namespace })] : [];
		const release = installChart(
			{
				addOn: "gpuOperator",
				version: gpuOperator.version,
				values: gpuOperatorValues(stack, gpuOperator),
				mirror: stack.platform.chartMirror,
				namespace,
			},
			{ parent: this, dependsOn: sharing },
		);
		exposeMetrics("gpuOperator", stack.platform, { parent: this, dependsOn: release });
		this.registerOutputs({});
	}
}

function createSharing({ name, data }: TimeSlicing, opts: pulumi.CustomResourceOptions): ConfigMap {
	return new ConfigMap(
		"time-slicing",
		{ metadata: { name, namespace: platformNamespaces.gpuOperator }, data, immutable: true },
		opts,
	);
}
