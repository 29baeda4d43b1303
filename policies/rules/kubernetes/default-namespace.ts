import { addResource } from "../../lib/examples/resources.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { anyObjects } from "../../lib/rules/subjects.ts";

/** Objects that Kubernetes itself makes in `default`; a patch may harden them. */
const builtIn = ["Service kubernetes", "ServiceAccount default"];

/** A policy here closes the namespace for a pod that is created in it all the same. */
const closing = "networking.k8s.io/v1 NetworkPolicy";

/** API groups whose kinds belong to a namespace. Whether a custom kind does is not known, so that a missing namespace says nothing. */
const namespacedGroups = [
	"v1",
	"apps/v1",
	"autoscaling/v1",
	"autoscaling/v2",
	"batch/v1",
	"coordination.k8s.io/v1",
	"discovery.k8s.io/v1",
	"networking.k8s.io/v1",
	"policy/v1",
	"rbac.authorization.k8s.io/v1",
];

/**
 * Kinds outside every namespace. The custom ones are listed because Pulumi's Kubernetes provider gives an object the
 * namespace `default` while its definition is not installed, as in an `up` that installs the definition itself.
 */
const clusterKinds = [
	"Namespace",
	"Node",
	"PersistentVolume",
	"ComponentStatus",
	"ClusterRole",
	"ClusterRoleBinding",
	"IngressClass",
	"IPAddress",
	"ServiceCIDR",
	"ClusterIssuer",
	"ClusterPolicy",
];

/** Objects without a namespace go to `default`, which has neither the label nor the policies of the program's namespaces. */
export const kubernetesDefaultNamespace: ObjectRule = {
	name: "kubernetes-default-namespace",
	description: "The namespace default stays empty.",
	severity: "medium",
	controls: ["5.6.4"],
	frameworks: { cisControls: ["4.1", "13.4"], iso27001: ["A.8.9", "A.8.22"], nist80053: ["AC-4", "CM-6"] },
	remediation: "Set metadata.namespace to a namespace of the stack file.",
	url: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
	subject: anyObjects,
	examples: [
		{
			change: "a ConfigMap in the namespace default",
			apply: addResource("kubernetes:core/v1:ConfigMap", "app", { metadata: { name: "app", namespace: "default" } }),
			sentence: "ConfigMap app is in the namespace default; set metadata.namespace to another.",
		},
	],

	checkObject({ apiVersion, kind, metadata, patch }, report) {
		const { name = "without a name", namespace } = metadata;
		if (clusterKinds.includes(kind) || (namespace === "default" && `${apiVersion} ${kind}` === closing)) {
			return;
		}
		const missing = !namespace && namespacedGroups.includes(apiVersion);
		if ((namespace === "default" || missing) && !(patch && builtIn.includes(`${kind} ${name}`))) {
			report(`${kind} ${name} is in the namespace default; set metadata.namespace to another.`);
		}
	},
};
