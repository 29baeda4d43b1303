import { addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { bindingOf, isDiscovery } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { bindings } from "../../lib/rules/subjects.ts";

/** Groups and users that stand for every client of the API, with or without an account. */
const everybody = ["system:unauthenticated", "system:anonymous", "system:authenticated"];

/** The groups of all pods are in kubernetes-default-service-account. */
export const kubernetesEverybody: ObjectRule = {
	name: "kubernetes-everybody",
	description: "No role is granted to every client, except the discovery roles that Kubernetes itself grants.",
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
