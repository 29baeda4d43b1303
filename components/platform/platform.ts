import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiClient, type Connect } from "../cluster/api-client.ts";
import type { NodeAccess } from "../cluster/node-access.ts";
import { createAddOns } from "./add-ons.ts";
import type { IssuerSecrets } from "./cert-manager/dns01.ts";
import { IngressCheck } from "./ingress-check/ingress-check.ts";
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
	/** The administrator's. */
	kubeconfig: pulumi.Output<string>;
	/** The control plane nodes, from which the program asks the ingress. */
	servers: readonly NodeAccess[];
	/** Secrets of the certificate issuers. */
	issuerSecrets: IssuerSecrets;
	/** The cluster that contains all of it. Everything here ends with it. */
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
				transformations: [inCluster(args), preparingReleases(args, connect)],
			},
		);
		const { stack, issuerSecrets, servers } = args;
		const childOptions = { parent: this };

		// Pulumi takes one object after another, as soon as it can be created. First comes what lasts longest: the releases, and the Job that
		// waits for pods on every node. With it come the policies under which it tests the network.
		const { traefik } = createAddOns({ stack, issuerSecrets, connect }, childOptions);
		const { checks } = stack.platform;
		const check = checks.enabled ? new NetworkCheck("network-check", { stack, connect }, childOptions) : undefined;
		if (check) {
			new IngressCheck("ingress-check", { stack, servers }, { ...childOptions, dependsOn: traefik });
		}
		new SystemNamespaces("system", { stack }, childOptions);
		const later = { ...childOptions, dependsOn: check?.prepared ?? [] };
		new LocalStorage("storage", { stack }, later);
		new ServiceTypes(stack, createWorkloadNamespaces(stack, later), childOptions);
		this.registerOutputs({});
	}
}

/**
 * Every object has the provider itself. A component that has it is registered when the provider is ready, that is after the nodes,
 * and its objects wait for that too.
 *
 * Destroying the cluster destroys every object in it. Without `deletedWith`, `destroy` first asks the API server, which may not
 * exist any more, to delete each object, and `deleteUnreachable` does not apply to Helm releases.
 */
function inCluster({ provider, cluster }: PlatformArgs): pulumi.ResourceTransformation {
	return ({ type, props, opts }) => ({
		props,
		opts: { ...opts, deletedWith: cluster, ...(type.startsWith("kubernetes:") ? { provider } : {}) },
	});
}

/**
 * Before a release is created or updated, hooks remove the remains of a killed run and update the definitions of its custom
 * resources. When a release is replaced, the old one is deleted first: both have one name, and deleting the old one later would
 * delete Helm's records of the new one.
 */
function preparingReleases({ provider, stack }: PlatformArgs, connect: Connect): pulumi.ResourceTransformation {
	const kubernetes = stack.cluster.version;
	const hooks = [
		freePendingReleases("pending-releases", connect),
		updateDefinitions("chart-definitions", { provider, connect, kubernetes }),
	];
	const releaseOptions = { hooks: { beforeCreate: hooks, beforeUpdate: hooks }, deleteBeforeReplace: true };
	return ({ type, props, opts }) =>
		type === "kubernetes:helm.sh/v3:Release" ? { props, opts: { ...opts, ...releaseOptions } } : undefined;
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
