import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { NetworkPolicyPatch } from "@pulumi/kubernetes/networking/v1/networkPolicyPatch.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { NamedPolicy } from "../network-policies/network-policy.ts";
import {
	kubeSystemPolicies,
	narrowedPolicies,
	unusedNamespacePolicy,
	unusedNamespaces,
} from "../network-policies/system-policies.ts";

export interface SystemNamespacesArgs {
	stack: Pick<StackConfig, "cluster" | "network" | "nodes" | "platform">;
}

/**
 * Closes the namespaces that come with a cluster, beyond RKE2's CIS profile. On a running cluster this cuts no connection: the
 * policies that allow come first, then those that deny, and a destroy deletes them in the opposite order.
 */
export class SystemNamespaces extends pulumi.ComponentResource {
	constructor(name: string, { stack }: SystemNamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:SystemNamespaces", name, {}, opts);
		const childOptions = { parent: this };
		const { allowed, denied } = kubeSystemPolicies(stack);
		const allowing = allowed.map((policy) => createPolicy("kube-system", policy, childOptions));
		createPolicy("kube-system", denied, { ...childOptions, dependsOn: allowing });
		for (const namespace of unusedNamespaces) {
			createPolicy(namespace, unusedNamespacePolicy, childOptions);
		}
		for (const { name: policy, ingress } of narrowedPolicies(stack)) {
			new NetworkPolicyPatch(
				`kube-system-${policy}`,
				{
					metadata: {
						name: policy,
						namespace: "kube-system",
						// RKE2 owns the list that the patch replaces.
						annotations: { "pulumi.com/patchForce": "true" },
					},
					spec: { ingress },
				},
				// Deleting the patch would leave a policy without a rule, and the cluster without DNS.
				{ ...childOptions, retainOnDelete: true },
			);
		}
		this.registerOutputs({});
	}
}

function createPolicy(namespace: string, { name, spec }: NamedPolicy, opts: pulumi.CustomResourceOptions) {
	return new NetworkPolicy(`${namespace}-${name}`, { metadata: { name, namespace }, spec }, opts);
}
