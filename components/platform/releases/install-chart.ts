import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { type AddOnKey, addOns } from "../../../src/facts/add-ons.ts";
import type { HardenedNamespace } from "../namespaces/hardened-namespace.ts";

export interface ChartArgs {
	/** Names the chart and the release: resources and labels of a chart derive from the release's name. */
	addOn: AddOnKey;
	/** Exact version of the chart. */
	version: string;
	/** Known at preview, so that policies can evaluate them. */
	values: Record<string, unknown>;
	/** One repository for all charts, in place of the publishers'. */
	mirror: StackConfig["platform"]["chartMirror"];
	/** Of the add-on: its labels and policies exist before any pod does. */
	namespace: HardenedNamespace;
}

/** Seconds until all pods of a release have to be ready. Images come over the lab's uplink. */
const timeout = 600;

/** One Helm release. Helm itself installs the chart, because hooks matter: cert-manager checks its API in one. */
export function installChart(
	{ addOn, version, values, mirror, namespace }: ChartArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
	const { chart, repository, namespace: namespaceName } = addOns[addOn];
	return new Release(
		chart,
		{
			name: chart,
			chart,
			version,
			namespace: namespaceName,
			values,
			repositoryOpts: { repo: mirror ?? repository },
			createNamespace: false,
			// Helm rolls back a failed change: a change that stays half done blocks every later one
			// ("another operation is in progress", pulumi-kubernetes#2054).
			atomic: true,
			cleanupOnFail: true,
			timeout,
		},
		pulumi.mergeOptions(opts, { dependsOn: namespace }),
	);
}
