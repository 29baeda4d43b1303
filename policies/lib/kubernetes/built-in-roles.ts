/**
 * ClusterRoles of Kubernetes itself. No program declares them, so that a rule about permissions sees only their bindings.
 *
 * This table has the roles of Kubernetes 1.35 with a permission that kubernetes-rbac-permissions refuses, except
 * cluster-admin, each with its controls: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export const builtInRoles: ReadonlyMap<string, readonly string[]> = new Map([
	["admin", ["5.1.2", "5.1.4", "5.1.8", "5.1.13"]],
	["edit", ["5.1.2", "5.1.4", "5.1.8", "5.1.13"]],
	["system:aggregate-to-edit", ["5.1.2", "5.1.4", "5.1.8", "5.1.13"]],
	["system:kube-controller-manager", ["5.1.2", "5.1.13"]],
	["system:kubelet-api-admin", ["5.1.10"]],
	["system:node", ["5.1.2", "5.1.4", "5.1.13"]],
	["system:persistent-volume-provisioner", ["5.1.9"]],
	["system:controller:certificate-controller", ["5.1.11"]],
	["system:controller:clusterrole-aggregation-controller", ["5.1.8"]],
	["system:controller:cronjob-controller", ["5.1.4"]],
	["system:controller:daemon-set-controller", ["5.1.4"]],
	["system:controller:deployment-controller", ["5.1.4"]],
	["system:controller:generic-garbage-collector", ["5.1.2", "5.1.4", "5.1.10", "5.1.11", "5.1.12"]],
	["system:controller:job-controller", ["5.1.4"]],
	["system:controller:legacy-service-account-token-cleaner", ["5.1.2"]],
	["system:controller:namespace-controller", ["5.1.2", "5.1.10", "5.1.12"]],
	["system:controller:persistent-volume-binder", ["5.1.4", "5.1.9"]],
	["system:controller:replicaset-controller", ["5.1.4"]],
	["system:controller:replication-controller", ["5.1.4"]],
	["system:controller:resourcequota-controller", ["5.1.2"]],
	["system:controller:statefulset-controller", ["5.1.4"]],
]);

/** The roles among them that are meant for people, in a namespace of theirs. */
export const rolesForPeople: readonly string[] = ["admin", "edit"];

/** Roles of Kubernetes from which nothing follows: they read what is no secret, or ask who somebody is. */
const harmlessRoles: readonly string[] = [
	"ClusterRole view",
	"ClusterRole system:auth-delegator",
	"ClusterRole system:basic-user",
	"ClusterRole system:discovery",
	"ClusterRole system:monitoring",
	"ClusterRole system:public-info-viewer",
	"ClusterRole system:service-account-issuer-discovery",
	"Role kube-system/extension-apiserver-authentication-reader",
];

/** @param name of a ClusterRole, or `namespace/name` of a Role */
export function isHarmlessRole(kind: string, name: string): boolean {
	return harmlessRoles.includes(`${kind} ${name}`);
}
