import type { KubeClient } from "../kube/client.ts";

const rbacApi = "/apis/rbac.authorization.k8s.io/v1";
const roleName = "rehearsal:kwok";

/**
 * Lets kwok work with a kubelet's credentials. At its start kwok lists all nodes to check the API, which a kubelet may not
 * do.
 */
export async function grantKwokAccess(kube: KubeClient): Promise<void> {
	await kube.createIfAbsent(`${rbacApi}/clusterroles`, {
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRole",
		metadata: { name: roleName },
		rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }],
	});
	await kube.createIfAbsent(`${rbacApi}/clusterrolebindings`, {
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRoleBinding",
		metadata: { name: roleName },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
		subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:nodes" }],
	});
}
