import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { createAddOns } from "./add-ons.ts";
import { apiClient, type Connect } from "./api-client.ts";
import type { IssuerSecrets } from "./cert-manager/dns01.ts";
import { HardenedNamespace } from "./namespaces/hardened-namespace.ts";
import { limitConsumption } from "./namespaces/quota.ts";
import { ServiceTypes, serviceTypeLabels } from "./namespaces/service-types.ts";
import { SystemNamespaces } from "./namespaces/system-namespaces.ts";
import { NetworkCheck } from "./network-check/network-check.ts";
import { workloadPolicies } from "./network-policies/workload-policies.ts";
import { updateDefinitions } from "./releases/chart-definitions.ts";
import { freePendingReleases } from "./releases/pending-release.ts";
import { LocalStorage } from "./storage/local-storage.ts";

export interface PlatformArgs {
	stack: StackConfig;
	provider: Provider;
	/** Of the administrator. */
	kubeconfig: pulumi.Output<string>;
	/** What the issuers of certificates need. */
	issuerSecrets: IssuerSecrets;
	/** The cluster that everything here lives in, and is gone with. */
	cluster: pulumi.Resource;
}

/** Everything inside the cluster: ingress, certificates, load balancing, GPUs, and the namespaces of the workloads. */
export class Platform extends pulumi.ComponentResource {
	constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
		const connect = apiClient(args.kubeconfig);
		super(
			"rke2-lab:platform:Platform",
			name,
			{},
			{
				...opts,
				providers: [args.provider],
				transformations: [deletedWith(args.cluster), preparingReleases(args, connect)],
			},
		);
		const { stack, issuerSecrets } = args;
		const childOptions = { parent: this };

		new SystemNamespaces("system", { stack }, childOptions);
		createAddOns({ stack, issuerSecrets, connect }, childOptions);
		if (stack.platform.checks.enabled) {
			new NetworkCheck("network-check", { stack, connect }, childOptions);
		}
		new LocalStorage("storage", { stack }, childOptions);
		new ServiceTypes(stack, createWorkloadNamespaces(stack, childOptions), childOptions);
		this.registerOutputs({});
	}
}

/**
 * Destroying the cluster destroys what is in it. Without this a destroy first asks an API server that may be gone to
 * delete each object, and `deleteUnreachable` does not help with Helm releases.
 */
function deletedWith(cluster: pulumi.Resource): pulumi.ResourceTransformation {
	return ({ props, opts }) => ({ props, opts: { ...opts, deletedWith: cluster } });
}

/**
 * What is done before a release is created or updated: it goes on after a killed run, and has its definitions. Of one that
 * is replaced, the old one goes first: both have one name, and Helm's notes of the new one would go with the old one.
 */
function preparingReleases({ provider, stack }: PlatformArgs, connect: Connect): pulumi.ResourceTransformation {
	const kubernetes = stack.cluster.version;
	const before = [
		freePendingReleases("pending-releases", connect),
		updateDefinitions("chart-definitions", { provider, connect, kubernetes }),
	];
	const more = { hooks: { beforeCreate: before, beforeUpdate: before }, deleteBeforeReplace: true };
	return ({ type, props, opts }) =>
		type === "kubernetes:helm.sh/v3:Release" ? { props, opts: { ...opts, ...more } } : undefined;
}

function createWorkloadNamespaces(stack: StackConfig, opts: pulumi.ComponentResourceOptions): HardenedNamespace[] {
	const { namespaces, scrapers } = stack.platform;
	return Object.entries(namespaces).map(([name, workload]) => {
		const namespace = new HardenedNamespace(
			name,
			{
				podSecurity: workload.podSecurity,
				clusterVersion: stack.cluster.version,
				labels: serviceTypeLabels(workload, scrapers),
				policies: workloadPolicies(stack, name),
			},
			opts,
		);
		limitConsumption(name, stack, { ...opts, dependsOn: namespace });
		return namespace;
	});
}
