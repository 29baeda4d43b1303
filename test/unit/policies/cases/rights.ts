/** Rules about the rights that follow from roles and bindings together. */
import { serverConfig } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const rbac = "kubernetes:rbac.authorization.k8s.io/v1";

interface Subject {
	kind: string;
	name: string;
	namespace?: string;
}

const account = (name: string, namespace = "app"): Subject => ({ kind: "ServiceAccount", name, namespace });
const group = (name: string): Subject => ({ kind: "Group", name });

type Rule = Record<string, string[]>;

function role(...rules: Rule[]): Given {
	return labelled({}, ...rules);
}

function labelled(labels: Record<string, string>, ...rules: Rule[]): Given {
	return { type: `${rbac}:ClusterRole`, name: "role", props: { metadata: { name: "app", labels }, rules } };
}

function namespaced(...rules: Rule[]): Given {
	return { type: `${rbac}:Role`, name: "role", props: { metadata: { name: "app", namespace: "app" }, rules } };
}

function binding(subject: Subject, name = "app"): Given {
	const props = { metadata: { name: "app" }, roleRef: { kind: "ClusterRole", name }, subjects: [subject] };
	return { type: `${rbac}:ClusterRoleBinding`, name: "binding", props };
}

function inNamespace(subject: Subject, name = "app", kind = "ClusterRole", namespace = "app"): Given {
	const { props } = binding(subject, name);
	const roleRef = { kind, name };
	return {
		type: `${rbac}:RoleBinding`,
		name: "binding",
		props: { ...props, roleRef, metadata: { name: "app", namespace } },
	};
}

const declaredAccount = (name: string): Given => ({
	type: "kubernetes:core/v1:ServiceAccount",
	name: `account-${name}`,
	props: { metadata: { name, namespace: "app" } },
});

const quota: Given = {
	type: "kubernetes:core/v1:ResourceQuota",
	name: "quota",
	props: { metadata: { name: "app", namespace: "app" } },
};

const core = (resources: string, verbs: string, ...names: string[]): Rule => ({
	apiGroups: [""],
	resources: [resources],
	verbs: verbs.split(" "),
	...(names.length > 0 && { resourceNames: names }),
});
const ofRbac = (resources: string, verbs: string, ...names: string[]): Rule => ({
	...core(resources, verbs, ...names),
	apiGroups: ["rbac.authorization.k8s.io"],
});

/** A sentence for each control that Kubernetes' roles admin and edit concern. */
function grants(subject: string, roleName: string): [string, ...string[]] {
	const sentence = (control: string) =>
		`binding: ${subject} grants ${roleName}; bind a role with the permissions that are used (control ${control}).`;
	return [sentence("5.1.2"), sentence("5.1.4"), sentence("5.1.8"), sentence("5.1.13")];
}

const secrets = "which is to read or replace every secret (control 5.1.2).";
const anyAccount = "which is to act as any ServiceAccount (control 5.1.13).";
const anyUser = "which is to act as any user (control 5.1.8).";
const asAny = "which is to run as any ServiceAccount (control 5.1.4).";

export const rightsCases: CaseTable = {
	"kubernetes-rbac-permissions": {
		accepts: {
			"one Secret by its name": role(core("secrets", "get", "app")),
			"pods that are only read": role(core("pods", "get list watch")),
			"binding a harmless role by its name": role(ofRbac("clusterroles", "bind", "view")),
			"binding a harmless role of the stack": [
				role(ofRbac("clusterroles", "bind", "reader")),
				{
					type: `${rbac}:ClusterRole`,
					name: "reader",
					props: { metadata: { name: "reader" }, rules: [core("pods", "get")] },
				},
			],
			"the tokens of the account itself": [
				namespaced(core("serviceaccounts/token", "create", "ci")),
				inNamespace(account("ci"), "app", "Role"),
			],
			"the tokens of a harmless account of the stack": [
				namespaced(core("serviceaccounts/token", "create", "reader")),
				inNamespace(account("ci"), "app", "Role"),
				declaredAccount("reader"),
			],
			"acting as a user with a harmless role": [
				role(core("users", "impersonate", "viewer")),
				{
					...binding({ kind: "User", name: "viewer" }, "reader"),
					name: "binding of the viewer",
				},
				{
					type: `${rbac}:ClusterRole`,
					name: "reader",
					props: { metadata: { name: "reader" }, rules: [core("pods", "get")] },
				},
			],
			"certificates of a program's own signer": role({
				apiGroups: ["certificates.k8s.io"],
				resources: ["signers"],
				resourceNames: ["issuers.cert-manager.io/*"],
				verbs: ["sign"],
			}),
			"a role of Kubernetes' own from which nothing follows": binding(account("metrics"), "system:auth-delegator"),
			"a namespace for a group to edit": inNamespace(group("oidc:astronomers"), "edit"),
			"a binding to everything, which another rule decides": binding(group("oidc:operators"), "cluster-admin"),
		},
		refuses: {
			"a wildcard in place of a verb": [
				role(core("pods", "*")),
				`role: ClusterRole app may create or update or patch pods, ${asAny}`,
			],
			"every kind of workload": [
				role({ apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: ["create"] }),
				`role: ClusterRole app may create deployments and statefulsets, ${asAny}`,
			],
			"another image for every job": [
				role({ apiGroups: ["batch"], resources: ["cronjobs"], verbs: ["patch"] }),
				`role: ClusterRole app may patch cronjobs, ${asAny}`,
			],
			"a patch of Secrets, whose answer is the Secret": [
				role(core("secrets", "patch")),
				`role: ClusterRole app may patch secrets, ${secrets}`,
			],
			"the name of a request that names nothing": [
				role(core("secrets", "list", "app", "")),
				`role: ClusterRole app may list secrets, ${secrets}`,
			],
			"the account that is bound to a role": [
				[role(core("secrets", "list")), binding(account("ci"))],
				`binding: ServiceAccount app/ci may list secrets by ClusterRole app, ${secrets}`,
			],
			"an account as a user, and without the namespace of its binding": [
				[
					namespaced(core("secrets", "list")),
					inNamespace({ kind: "ServiceAccount", name: "ci" }, "app", "Role"),
					{
						...inNamespace({ kind: "User", name: "system:serviceaccount:other:robot" }, "app", "Role"),
						name: "second",
					},
				],
				`binding: ServiceAccount app/ci may list secrets by Role app/app, ${secrets}`,
				`second: ServiceAccount other/robot may list secrets by Role app/app, ${secrets}`,
			],
			"everybody with the role view, by a label": [
				[
					labelled({ "rbac.authorization.k8s.io/aggregate-to-view": "true" }, core("secrets", "get")),
					binding(account("ci")),
				],
				`binding: ServiceAccount app/ci may get secrets by ClusterRole app, ${secrets}`,
				`role: ClusterRole view may get secrets by ClusterRole app, ${secrets}`,
			],
			"a role that takes the rules of another": [
				[
					labelled({ "rbac.lab/aggregate-to-all": "true" }, core("secrets", "get")),
					{
						type: `${rbac}:ClusterRole`,
						name: "all",
						props: {
							metadata: { name: "all" },
							aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "rbac.lab/aggregate-to-all": "true" } }] },
						},
					},
					binding(group("oidc:astronomers"), "all"),
				],
				`binding: Group oidc:astronomers may get secrets by ClusterRole all, ${secrets}`,
				`role: ClusterRole app may get secrets, ${secrets}`,
			],
			"a patch that adds a rule to a bound role": [
				[
					role(core("pods", "get")),
					{ ...role(core("secrets", "get")), type: `${rbac}:ClusterRolePatch`, name: "patch" },
					binding(account("ci")),
				],
				`binding: ServiceAccount app/ci may get secrets by ClusterRole app, ${secrets}`,
			],
			"a node's kubelet by its name": [
				role(core("nodes/proxy", "get", "proj-k8sm01")),
				"role: ClusterRole app may get nodes/proxy, which is to command kubelets past the audit log (control 5.1.10).",
			],
			"a subresource of anything": [
				role(core("*/proxy", "get")),
				"role: ClusterRole app may get nodes/proxy, which is to command kubelets past the audit log (control 5.1.10).",
			],
			"binding cluster-admin by its name": [
				role(ofRbac("clusterroles", "bind", "view", "cluster-admin")),
				"role: ClusterRole app may bind clusterroles, which is to take any role (control 5.1.8).",
			],
			"binding the role of a chart by its name": [
				role(ofRbac("clusterroles", "bind", "traefik-traefik")),
				"role: ClusterRole app may bind clusterroles, which is to take any role (control 5.1.8).",
			],
			"rewriting any one role": [
				role(ofRbac("roles", "escalate", "view")),
				"role: ClusterRole app may escalate roles, which is to make any role (control 5.1.8).",
			],
			"acting as the group that passes every check": [
				role(core("groups", "impersonate", "system:masters")),
				`role: ClusterRole app may impersonate groups, ${anyUser}`,
			],
			"acting as the administrators, who have a harmless role as well": [
				[
					role(core("groups", "impersonate", "oidc:operators")),
					binding(group("oidc:operators"), "cluster-admin"),
					{
						type: `${rbac}:ClusterRole`,
						name: "reader",
						props: { metadata: { name: "reader" }, rules: [core("pods", "get")] },
					},
					{ ...binding(group("oidc:operators"), "reader"), name: "second" },
				],
				`role: ClusterRole app may impersonate groups, ${anyUser}`,
			],
			"acting as a user that the stack does not know": [
				role(core("users", "impersonate", "deployer")),
				`role: ClusterRole app may impersonate users, ${anyUser}`,
			],
			"the tokens of an account that reads Secrets": [
				[
					namespaced(core("serviceaccounts/token", "create", "reader")),
					inNamespace(account("ci"), "app", "Role"),
					declaredAccount("reader"),
					{
						type: `${rbac}:ClusterRole`,
						name: "reads",
						props: { metadata: { name: "reads" }, rules: [core("secrets", "get")] },
					},
					{ ...binding(account("reader"), "reads"), name: "second" },
				],
				`binding: ServiceAccount app/ci may create serviceaccounts/token by Role app/app, ${anyAccount}`,
				`second: ServiceAccount app/reader may get secrets by ClusterRole reads, ${secrets}`,
			],
			"the tokens of an account of a chart": [
				[namespaced(core("serviceaccounts/token", "create", "traefik")), inNamespace(account("ci"), "app", "Role")],
				`binding: ServiceAccount app/ci may create serviceaccounts/token by Role app/app, ${anyAccount}`,
			],
			"its own name in every namespace": [
				[role(core("serviceaccounts/token", "create", "ci")), binding(account("ci"))],
				`binding: ServiceAccount app/ci may create serviceaccounts/token by ClusterRole app, ${anyAccount}`,
			],
			"certificates of Kubernetes' own signers": [
				role({
					apiGroups: ["certificates.k8s.io"],
					resources: ["signers"],
					resourceNames: ["kubernetes.io/kube-apiserver-client"],
					verbs: ["approve"],
				}),
				"role: ClusterRole app may approve signers, which is to issue any client certificate (control 5.1.11).",
			],
			"one webhook by its name": [
				role({
					apiGroups: ["admissionregistration.k8s.io"],
					resources: ["validatingwebhookconfigurations"],
					resourceNames: ["app"],
					verbs: ["patch"],
				}),
				"role: ClusterRole app may patch validatingwebhookconfigurations, which is to read and change every object that is admitted (control 5.1.12).",
			],
			"policies that change objects": [
				role({
					apiGroups: ["admissionregistration.k8s.io"],
					resources: ["mutatingadmissionpolicies"],
					verbs: ["create"],
				}),
				"role: ClusterRole app may create mutatingadmissionpolicies, which is to read and change every object that is admitted (control 5.1.12).",
			],
			"persistent volumes": [
				role(core("persistentvolumes", "create")),
				"role: ClusterRole app may create persistentvolumes, which is to mount any path of a node (control 5.1.9).",
			],
			"the role of the controller that writes roles": [
				binding({ kind: "User", name: "oidc:bob" }, "system:controller:clusterrole-aggregation-controller"),
				"binding: ClusterRoleBinding app grants system:controller:clusterrole-aggregation-controller; bind a role with the permissions that are used (control 5.1.8).",
			],
			"a patch that adds to Kubernetes' own binding": [
				{
					type: `${rbac}:ClusterRoleBindingPatch`,
					name: "binding",
					props: { metadata: { name: "system:controller:job-controller" }, subjects: [account("ci")] },
				},
				"binding: ClusterRoleBinding system:controller:job-controller grants system:controller:job-controller; bind a role with the permissions that are used (control 5.1.4).",
			],
			"every namespace for a group to edit": [
				binding(group("oidc:astronomers"), "edit"),
				...grants("ClusterRoleBinding app", "edit"),
			],
			"a namespace for a program to administer": [
				inNamespace(account("ci"), "admin"),
				...grants("RoleBinding app/app", "admin"),
			],
			"the namespace of the control plane for people to edit": [
				inNamespace(group("oidc:astronomers"), "edit", "ClusterRole", "kube-system"),
				...grants("RoleBinding kube-system/app", "edit"),
			],
			"the namespace of an add-on for people to administer": [
				inNamespace(group("oidc:astronomers"), "admin", "ClusterRole", "gpu-operator"),
				...grants("RoleBinding gpu-operator/app", "admin"),
			],
			"a role of a list in a manifest on a server": [
				serverConfig("profile: cis\n", {
					"/var/lib/rancher/rke2/server/manifests/app.yaml":
						"kind: List\napiVersion: v1\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: Role\n  metadata: {name: app, namespace: app}\n  rules:\n  - {apiGroups: [''], resources: [secrets], verbs: [list]}\n",
				}),
				`proj-k8sm01-converge: Role app/app may list secrets, ${secrets}`,
			],
		},
	},
	"kubernetes-rbac-escalation": {
		accepts: {
			"the logs of pods": role(core("pods/log", "get")),
			"namespaces that are only read": role(core("namespaces", "get list watch")),
			"a role of the stack": [namespaced(core("pods", "get")), inNamespace(account("ci"), "app", "Role")],
			"a role of Kubernetes for reading": inNamespace(group("oidc:astronomers"), "view"),
			"a namespace with a quota for people to edit": [inNamespace(group("oidc:astronomers"), "edit"), quota],
			"the API server's own settings": inNamespace(
				account("metrics"),
				"extension-apiserver-authentication-reader",
				"Role",
				"kube-system",
			),
		},
		refuses: {
			"commands in pods, by a request that reads": [
				role(core("pods/exec", "get")),
				"role: ClusterRole app may get pods/exec, which is to run commands in any pod.",
			],
			"a further container in any pod": [
				[namespaced(core("pods/ephemeralcontainers", "patch")), inNamespace(account("ci"), "app", "Role")],
				"binding: ServiceAccount app/ci may patch pods/ephemeralcontainers by Role app/app, which is to run commands in any pod.",
			],
			"the labels of one namespace": [
				role(core("namespaces", "patch", "app")),
				"role: ClusterRole app may patch namespaces, which is to set the labels that Pod Security and network policies rely on.",
			],
			"the limits of a namespace": [
				namespaced(core("resourcequotas", "delete")),
				"role: Role app/app may delete resourcequotas, which is to lift the limits of a namespace.",
			],
			"a chart of RKE2's controller": [
				role({ apiGroups: ["helm.cattle.io"], resources: ["helmcharts"], verbs: ["create"] }),
				"role: ClusterRole app may create helmcharts, which is to install anything as cluster-admin.",
			],
			"the role of a chart": [
				binding(account("ci"), "cert-manager-controller-certificates"),
				"binding: ClusterRoleBinding app grants ClusterRole cert-manager-controller-certificates, which the stack does not declare; bind a role that it declares, or view.",
			],
			"a role of another namespace": [
				[namespaced(core("pods", "get")), inNamespace(account("ci"), "app", "Role", "other")],
				"binding: RoleBinding other/app grants Role other/app, which the stack does not declare; bind a role that it declares, or view.",
			],
			"a binding of RKE2 that gains a subject": [
				{
					type: `${rbac}:ClusterRoleBindingPatch`,
					name: "binding",
					props: { metadata: { name: "helm-rke2-canal" }, subjects: [account("ci")] },
				},
				"binding: ClusterRoleBinding helm-rke2-canal grants ClusterRole helm-rke2-canal, which the stack does not declare; bind a role that it declares, or view.",
			],
			"a namespace without a quota for people to edit": [
				inNamespace(group("oidc:astronomers"), "edit"),
				"binding: RoleBinding app/app grants edit in a namespace without a ResourceQuota, so that its subjects can fill etcd; declare a quota.",
			],
		},
	},
};
