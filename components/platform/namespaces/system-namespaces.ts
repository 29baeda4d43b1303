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

/**
 * Closes the namespaces that come with a cluster, beyond what RKE2's CIS profile does. On a running cluster nothing is cut
 * on the way: what is needed is allowed first, then the rest is denied, and it comes apart in the opposite order.
 */
export class SystemNamespaces extends pulumi.ComponentResource {
	constructor(name: string, { stack }: { stack: StackConfig }, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:SystemNamespaces", name, {}, opts);
		const inside = { parent: this };
		const { allowed, denied } = kubeSystemPolicies(stack);
		const made = allowed.map((policy) => createPolicy("kube-system", policy, inside));
		createPolicy("kube-system", denied, { ...inside, dependsOn: made });
		for (const namespace of unusedNamespaces) {
			createPolicy(namespace, unusedNamespacePolicy, inside);
		}
		for (const { name: policy, ingress } of narrowedPolicies(stack)) {
			new NetworkPolicyPatch(
				`kube-system-${policy}`,
				{
					metadata: {
						name: policy,
						namespace: "kube-system",
						// RKE2 has written the list that is replaced here.
						annotations: { "pulumi.com/patchForce": "true" },
					},
					spec: { ingress },
				},
				// Taking the patch back would leave a policy without a rule, and the cluster without DNS.
				{ ...inside, retainOnDelete: true },
			);
		}
		this.registerOutputs({});
	}
}

function createPolicy(namespace: string, { name, spec }: NamedPolicy, opts: pulumi.CustomResourceOptions) {
	return new NetworkPolicy(`${namespace}-${name}`, { metadata: { name, namespace }, spec }, opts);
}
