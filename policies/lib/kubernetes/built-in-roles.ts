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
	["system:controller:daemon-set-controller", ["5.1.4"]],
	["system:controller:generic-garbage-collector", ["5.1.2", "5.1.10", "5.1.11", "5.1.12"]],
	["system:controller:job-controller", ["5.1.4"]],
	["system:controller:namespace-controller", ["5.1.2", "5.1.10", "5.1.12"]],
	["system:controller:persistent-volume-binder", ["5.1.4", "5.1.9"]],
	["system:controller:replicaset-controller", ["5.1.4"]],
	["system:controller:replication-controller", ["5.1.4"]],
	["system:controller:resourcequota-controller", ["5.1.2"]],
	["system:controller:statefulset-controller", ["5.1.4"]],
]);

/** The roles among them that are meant for people, in a namespace of theirs. */
export const rolesForPeople: readonly string[] = ["admin", "edit"];

/** The account, in kube-system, of each controller among them. */
const controllers = [...builtInRoles.keys()].flatMap((role) => /^system:controller:(.*)$/.exec(role)?.[1] ?? []);

/** ServiceAccounts with such permissions: those of the controllers, and those of the jobs with which RKE2 installs charts. */
export const powerfulAccounts = new RegExp(`^(?:helm-.*|${controllers.join("|")})$`);
