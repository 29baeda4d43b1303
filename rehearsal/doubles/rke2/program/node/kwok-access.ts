import type { KubeClient } from "../kube/client.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const NAME = "rehearsal:kwok";

/**
 * Lets kwok work with a kubelet's credentials: before anything else it lists the nodes once, to see that the API answers,
 * and that alone is beyond a kubelet's rights.
 */
export async function grantKwokAccess(kube: KubeClient): Promise<void> {
	await kube.createIfAbsent(`${RBAC}/clusterroles`, {
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRole",
		metadata: { name: NAME },
		rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }],
	});
	await kube.createIfAbsent(`${RBAC}/clusterrolebindings`, {
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRoleBinding",
		metadata: { name: NAME },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAME },
		subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:nodes" }],
	});
}
