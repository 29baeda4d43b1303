import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { chartRepositories } from "../../../src/facts/chart-repositories.ts";
import { type ChartName, chartValues } from "../add-ons.ts";
import type { HardenedNamespace } from "../namespaces/hardened-namespace.ts";

export interface ChartArgs {
	/** One that the stack file names. Name of the chart, and of the release: resources and labels that a chart makes derive from the latter. */
	chart: ChartName;
	stack: StackConfig;
	/** The chart's own: its labels and policies are there before any pod is. */
	namespace: HardenedNamespace;
}

/** Seconds for one release to have all its pods ready; images come over the lab's uplink. */
const timeout = 600;

/** One Helm release. Helm itself installs it, because hooks matter: cert-manager's check of its API, for one. */
export function installChart(
	{ chart, stack, namespace }: ChartArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
	const { version, values, namespace: namespaceName } = chartValues(stack)[chart]!;
	return new Release(
		chart,
		{
			name: chart,
			chart,
			version,
			namespace: namespaceName,
			values,
			repositoryOpts: { repo: stack.platform.chartMirror ?? chartRepositories[chart] },
			createNamespace: false,
			// A failed change is rolled back: what is left half-way blocks every later one
			// ("another operation is in progress", pulumi-kubernetes#2054).
			atomic: true,
			cleanupOnFail: true,
			timeout,
		},
		pulumi.mergeOptions(opts, { dependsOn: namespace }),
	);
}
