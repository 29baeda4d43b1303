import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { ServiceAccountPatch } from "@pulumi/kubernetes/core/v1/serviceAccountPatch.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "semver";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { NamedPolicy } from "../network-policies/network-policy.ts";

export type PodSecurityLevel = StackConfig["platform"]["namespaces"][string]["podSecurity"];

export interface HardenedNamespaceArgs {
	/** Pod Security Standard that the namespace enforces, audits and warns about. */
	podSecurity: PodSecurityLevel;
	/** RKE2 release of the cluster: the standard is read as of its minor. */
	clusterVersion: string;
	/** In addition to those of the standard. */
	labels?: Record<string, string>;
	/** All network policies of the namespace, including default deny. */
	policies: NamedPolicy[];
}

/**
 * A namespace with its Pod Security Standard, its network policies, and a default ServiceAccount without a token.
 *
 * Releases and workloads in it depend on the component, so that no pod starts before the policies exist. Under the CIS profile
 * a namespace without the label is `restricted`.
 */
export class HardenedNamespace extends pulumi.ComponentResource {
	constructor(name: string, args: HardenedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:HardenedNamespace", name, {}, opts);
		const namespace = new Namespace(
			name,
			{ metadata: { name, labels: { ...podSecurityLabels(args.podSecurity, args.clusterVersion), ...args.labels } } },
			{ parent: this },
		);
		const childOptions = { parent: this, dependsOn: namespace };
		for (const policy of args.policies) {
			new NetworkPolicy(
				`${name}-${policy.name}`,
				{ metadata: { name: policy.name, namespace: name }, spec: policy.spec },
				childOptions,
			);
		}
		// A patch, because Kubernetes itself creates the account shortly after the namespace (CIS Kubernetes 5.1.5).
		new ServiceAccountPatch(
			`${name}-default`,
			{ metadata: { name: "default", namespace: name }, automountServiceAccountToken: false },
			childOptions,
		);
		this.registerOutputs({});
	}
}

/** All three modes have one level and one version, so that the version changes only with an upgrade of the cluster. */
function podSecurityLabels(level: PodSecurityLevel, clusterVersion: string): Record<string, string> {
	const { major, minor } = parse(clusterVersion, {}, true);
	return Object.fromEntries(
		["enforce", "audit", "warn"].flatMap((mode) => [
			[`pod-security.kubernetes.io/${mode}`, level],
			[`pod-security.kubernetes.io/${mode}-version`, `v${major}.${minor}`],
		]),
	);
}
