import { addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { removeResource } from "../../lib/examples/resources.ts";
import { declaredObjects, isLeftAlone, type KubernetesObject } from "../../lib/kubernetes/objects.ts";
import { accountOf, podOf } from "../../lib/kubernetes/pods.ts";
import { bindingOf, isDiscovery } from "../../lib/kubernetes/roles.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { namespacesAndPods } from "../../lib/rules/subjects.ts";

/** Every pod that names no account has the rights of the default account, so that it must have none, and no token. */
export const kubernetesDefaultServiceAccount: StackRule = {
	name: "kubernetes-default-service-account",
	description: "The default ServiceAccount of every namespace mounts no token and has no role, and no pod runs as it.",
	severity: "medium",
	controls: ["5.1.5"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.5.17"], nist80053: ["AC-6", "IA-5"] },
	remediation:
		"Patch the ServiceAccount default of the namespace with automountServiceAccountToken: false. Give each pod an account of its own, and bind roles to that.",
	url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
	subject: namespacesAndPods,
	examples: [
		{
			change: "a role for every account of a namespace",
			apply: addClusterRoleBinding("view", "system:serviceaccounts:monitoring"),
			sentence:
				"ClusterRoleBinding app grants a role to Group system:serviceaccounts:monitoring; bind an account that one workload has.",
		},
		{
			change: "a namespace whose default account brings a token",
			apply: removeResource("kubernetes:core/v1:ServiceAccountPatch", "monitoring-default"),
			sentence:
				"The default ServiceAccount of Namespace monitoring mounts a token; patch automountServiceAccountToken to false.",
		},
	],

	checkStack(resources, report) {
		const objects = declaredObjects(resources);
		const accounts = objects.filter(
			({ object: { apiVersion, kind, metadata, manifest } }) =>
				apiVersion === "v1" &&
				kind === "ServiceAccount" &&
				metadata.name === "default" &&
				manifest.automountServiceAccountToken === false,
		);
		const safe = new Set(accounts.map(({ object }) => object.metadata.namespace));
		for (const { object, resource } of objects) {
			const { apiVersion, kind, metadata, patch, subject } = object;
			if (apiVersion === "v1" && kind === "Namespace" && !patch && !safe.has(metadata.name)) {
				report(
					`The default ServiceAccount of ${subject} mounts a token; patch automountServiceAccountToken to false.`,
					resource,
				);
			}
			const granted = defaultAccountsIn(object);
			if (granted.length > 0) {
				report(`${subject} grants a role to ${granted.join(", ")}; bind an account that one workload has.`, resource);
			}
			const pod = podOf(object);
			const silent = pod && isLeftAlone(object, pod.serviceAccountName ?? pod.serviceAccount);
			if (pod && !silent && (accountOf(pod) ?? "default") === "default") {
				report(`${subject} runs as the default ServiceAccount; give it one of its own.`, resource);
			}
		}
	},
};

/** The subjects of a binding that are a default account, or a group with one. */
function defaultAccountsIn(object: KubernetesObject): string[] {
	const binding = bindingOf(object);
	return (binding?.subjects ?? [])
		.map(({ kind, name = "" }) => ({ kind, name }))
		.filter(({ kind, name }) =>
			kind === "ServiceAccount" ? name === "default" : isOfDefaultAccounts(name) && !isDiscovery(binding!, name),
		)
		.map(({ kind, name }) => `${kind} ${name}`);
}

/** @param name of a group or a user: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects */
function isOfDefaultAccounts(name: string): boolean {
	return /^system:serviceaccounts(?::|$)/.test(name) || /^system:serviceaccount:[^:]*:default$/.test(name);
}
