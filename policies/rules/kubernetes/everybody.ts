import { addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { bindingOf, isDiscovery } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { bindings } from "../../lib/rules/subjects.ts";

/** Groups and users that are everybody: whoever reaches the API, and whoever has any account, a pod's among them. */
const everybody = ["system:unauthenticated", "system:anonymous", "system:authenticated"];

/** Every pod of the cluster is somebody: kubernetes-default-service-account. */
export const kubernetesEverybody: ObjectRule = {
	name: "kubernetes-everybody",
	description: "Nothing is granted to everybody, but for what Kubernetes itself grants for discovery.",
	severity: "critical",
	controls: [],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Bind a group of your identity provider.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings",
	subject: bindings,
	examples: [
		{
			change: "a role for every authenticated user",
			apply: addClusterRoleBinding("view", "system:authenticated"),
			sentence: "ClusterRoleBinding app names system:authenticated; bind a group of your identity provider.",
		},
	],

	checkObject(object, report) {
		const binding = bindingOf(object);
		const found = (binding?.subjects ?? [])
			.map(({ name = "" }) => name)
			.filter((name) => everybody.includes(name) && !isDiscovery(binding!, name));
		if (found.length > 0) {
			report(`${object.subject} names ${found.join(", ")}; bind a group of your identity provider.`);
		}
	},
};
