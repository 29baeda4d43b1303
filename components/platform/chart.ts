import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type * as pulumi from "@pulumi/pulumi";

/** The publishers' repositories of the charts that the platform is made of. */
export const chartRepositories = {
	traefik: "https://traefik.github.io/charts",
	"cert-manager": "https://charts.jetstack.io",
	metallb: "https://metallb.github.io/metallb",
	"gpu-operator": "https://helm.ngc.nvidia.com/nvidia",
} as const;

export interface ChartArgs {
	/** Name of the chart, and of the release: resources and labels that a chart makes derive from the latter. */
	chart: keyof typeof chartRepositories;
	/** Exact version, as the repository's index has it. */
	version: string;
	/** Namespace of the release; must exist. */
	namespace: string;
	/** Known at preview, so that policies can judge them. */
	values: Record<string, unknown>;
	/** Repository to use in place of the publisher's (`platform.chartMirror`). */
	mirror: string | undefined;
}

/** Seconds for one release to have all its pods ready; images come over the lab's uplink. */
const timeout = 600;

/** One Helm release. Helm itself installs it, because hooks matter: cert-manager's check of its API, for one. */
export function installChart(
	{ chart, version, namespace, values, mirror }: ChartArgs,
	opts: pulumi.CustomResourceOptions,
) {
	return new Release(
		chart,
		{
			name: chart,
			chart,
			version,
			namespace,
			values,
			repositoryOpts: { repo: mirror ?? chartRepositories[chart] },
			// The namespace carries labels and policies that must be there first.
			createNamespace: false,
			// A failed change is rolled back: what is left half-way blocks every later one
			// ("another operation is in progress", pulumi-kubernetes#2054).
			atomic: true,
			cleanupOnFail: true,
			timeout,
		},
		opts,
	);
}
