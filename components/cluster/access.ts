import type { Provider } from "@pulumi/kubernetes/provider.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { administratorsBinding, oidcPrefix } from "../../src/rke2/authentication.ts";

export interface AccessArgs {
	access: StackConfig["access"];
	provider: Provider;
	/** The cluster that the rights are in, and that they are gone with. */
	cluster: pulumi.Resource;
}

const readers = "cluster-reader";

/**
 * What `view` leaves out because it is no namespace's, or because it says who may do what. No wildcard, and no secrets.
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

/** Binds the groups of the identity provider to what they may do. Groups, never persons. */
export class Access extends pulumi.ComponentResource {
	constructor(name: string, args: AccessArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Access", name, {}, { ...opts, providers: [args.provider] });
		const { access, cluster } = args;
		const inside = { parent: this, deletedWith: cluster };

		bindCluster(administratorsBinding, "cluster-admin", access.clusterAdministrators, inside);
		if (access.clusterReaders.length > 0) {
			const role = createReaderRole(inside);
			bindCluster("cluster-readers", "view", access.clusterReaders, inside);
			bindCluster("cluster-readers-beyond-view", readers, access.clusterReaders, { ...inside, dependsOn: role });
		}
		for (const [namespace, { administrators, editors }] of Object.entries(access.namespaces)) {
			bindNamespace(namespace, "administrators", "admin", administrators, inside);
			bindNamespace(namespace, "editors", "edit", editors, inside);
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
