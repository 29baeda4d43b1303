import type { Provider } from "@pulumi/kubernetes/provider.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { administratorsBinding, oidcPrefix } from "../../src/facts/administrators.ts";

export interface AccessArgs {
	access: StackConfig["access"];
	provider: Provider;
	/** The cluster that grants the rights. They end with it. */
	cluster: pulumi.Resource;
}

const readers = "cluster-reader";

/**
 * Resources that `view` leaves out because they belong to no namespace or grant rights. No wildcard, and no secrets.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
 */
const readable = {
	"": ["nodes", "persistentvolumes"],
	"admissionregistration.k8s.io": [
		"mutatingwebhookconfigurations",
		"validatingadmissionpolicies",
		"validatingadmissionpolicybindings",
		"validatingwebhookconfigurations",
	],
	"apiextensions.k8s.io": ["customresourcedefinitions"],
	"apiregistration.k8s.io": ["apiservices"],
	"certificates.k8s.io": ["certificatesigningrequests"],
	"metrics.k8s.io": ["nodes", "pods"],
	"networking.k8s.io": ["ingressclasses"],
	"rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
	"scheduling.k8s.io": ["priorityclasses"],
	"storage.k8s.io": ["csidrivers", "csinodes", "storageclasses", "volumeattachments"],
};

/** Binds groups of the identity provider to roles. Groups only, never single users. */
export class Access extends pulumi.ComponentResource {
	constructor(name: string, args: AccessArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Access", name, {}, opts);
		const { access, provider, cluster } = args;
		const childOptions = { parent: this, provider, deletedWith: cluster };

		bindCluster(administratorsBinding, "cluster-admin", access.clusterAdministrators, childOptions);
		if (access.clusterReaders.length > 0) {
			const role = createReaderRole(childOptions);
			bindCluster("cluster-readers", "view", access.clusterReaders, childOptions);
			bindCluster("cluster-readers-beyond-view", readers, access.clusterReaders, { ...childOptions, dependsOn: role });
		}
		for (const [namespace, { administrators, editors }] of Object.entries(access.namespaces)) {
			bindNamespace(namespace, "administrators", "admin", administrators, childOptions);
			bindNamespace(namespace, "editors", "edit", editors, childOptions);
		}
		this.registerOutputs({});
	}
}

function createReaderRole(opts: pulumi.CustomResourceOptions): ClusterRole {
	const rules = Object.entries(readable).map(([group, resources]) => ({
		apiGroups: [group],
		resources,
		verbs: ["get", "list", "watch"],
	}));
	return new ClusterRole(readers, { metadata: { name: readers }, rules }, opts);
}

function bindCluster(name: string, role: string, groups: readonly string[], opts: pulumi.CustomResourceOptions): void {
	if (groups.length > 0) {
		new ClusterRoleBinding(name, { metadata: { name }, roleRef: clusterRole(role), subjects: subjects(groups) }, opts);
	}
}

function bindNamespace(
	namespace: string,
	name: string,
	role: string,
	groups: readonly string[],
	opts: pulumi.CustomResourceOptions,
): void {
	if (groups.length > 0) {
		new RoleBinding(
			`${namespace}-${name}`,
			{ metadata: { name, namespace }, roleRef: clusterRole(role), subjects: subjects(groups) },
			opts,
		);
	}
}

function clusterRole(name: string) {
	return { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
}

function subjects(groups: readonly string[]) {
	return groups.map((group) => ({
		apiGroup: "rbac.authorization.k8s.io",
		kind: "Group",
		name: `${oidcPrefix}${group}`,
	}));
}
