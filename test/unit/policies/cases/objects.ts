/** Rules about roles, about single objects of a cluster, and about Helm releases. */
import { chartRepositories } from "../../../../src/facts/add-ons.ts";
import { administratorsBinding } from "../../../../src/rke2/authentication.ts";
import { serverConfig } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const rbac = "kubernetes:rbac.authorization.k8s.io/v1";

function binding(name: string, subject: string, kind = "Group", roleName = "cluster-admin"): Given {
	const props = {
		metadata: { name },
		roleRef: { kind: "ClusterRole", name: roleName },
		subjects: [{ kind, name: subject }],
	};
	return { type: `${rbac}:ClusterRoleBinding`, props };
}

function inNamespace(kind: string, subject: string, roleName: string): Given {
	const { props } = binding("app", subject, kind, roleName);
	return { type: `${rbac}:RoleBinding`, props: { ...props, metadata: { name: "app", namespace: "app" } } };
}

/** A sentence for each control that Kubernetes' roles admin and edit concern. */
function grants(subject: string, roleName: string): [string, ...string[]] {
	const sentence = (control: string) =>
		`${subject} grants ${roleName}; bind a role with the permissions that are used (control ${control}).`;
	return [sentence("5.1.2"), sentence("5.1.4"), sentence("5.1.8"), sentence("5.1.13")];
}

function role(...rules: Record<string, string[]>[]): Given {
	return { type: `${rbac}:ClusterRole`, props: { metadata: { name: "app" }, rules } };
}

function aggregate(...clusterRoleSelectors: object[]): Given {
	const props = { metadata: { name: "app" }, aggregationRule: { clusterRoleSelectors } };
	return { type: `${rbac}:ClusterRole`, props };
}

function release(props: Record<string, unknown>): Given {
	return { type: "kubernetes:helm.sh/v3:Release", name: "traefik", props: { chart: "traefik", ...props } };
}

const traefik = { repositoryOpts: { repo: "https://traefik.github.io/charts" } };

function object(type: string, metadata: object | undefined): Given {
	return { type: `kubernetes:${type}`, props: { metadata } };
}

const label = "pod-security.kubernetes.io/enforce";
const manifest = (content: string) =>
	serverConfig("profile: cis\n", { "/var/lib/rancher/rke2/server/manifests/app.yaml": content });

export const objectCases: CaseTable = {
	"kubernetes-cluster-admin": {
		accepts: {
			"the stack file's groups": binding(administratorsBinding, "oidc:operators"),
			"another role": binding("app", "oidc:astronomers", "Group", "view"),
		},
		refuses: {
			"a second binding": [
				binding("app", "oidc:astronomers"),
				"ClusterRoleBinding app grants cluster-admin; bind a role with the permissions that are used.",
			],
			"an account among the groups": [
				binding(administratorsBinding, "ci", "ServiceAccount"),
				`ClusterRoleBinding ${administratorsBinding} grants cluster-admin to ServiceAccount ci; allowed are groups whose name begins oidc:`,
			],
			"a binding of all administrators in a manifest on a server": [
				manifest(
					"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: app, namespace: app}\nroleRef: {name: cluster-admin}\n",
				),
				"RoleBinding app/app grants cluster-admin; bind a role with the permissions that are used.",
			],
		},
	},
	"kubernetes-system-masters": {
		accepts: {
			"a group of people": binding("app", "oidc:astronomers", "Group", "view"),
			"all authenticated users, which is another rule's subject": binding(
				"app",
				"system:authenticated",
				"Group",
				"view",
			),
		},
		refuses: {
			"the group that passes every check": [
				binding("app", "system:masters"),
				"ClusterRoleBinding app names system:masters; bind a group of your identity provider.",
			],
			"one subject in place of a list": [
				{ type: `${rbac}:RoleBinding`, props: { metadata: { name: "app" }, subjects: { kind: "Group" } } },
				"subjects of RoleBinding app is not a list, so this rule cannot be decided.",
			],
		},
	},
	"kubernetes-everybody": {
		accepts: {
			"a group of people": binding("app", "oidc:astronomers", "Group", "view"),
			"a discovery role for every client": binding(
				"app",
				"system:unauthenticated",
				"Group",
				"system:public-info-viewer",
			),
			"a discovery role for every authenticated client": binding(
				"app",
				"system:authenticated",
				"Group",
				"system:discovery",
			),
			"the role system:basic-user for every authenticated client": binding(
				"app",
				"system:authenticated",
				"Group",
				"system:basic-user",
			),
		},
		refuses: {
			"anonymous clients": [
				binding("app", "system:anonymous", "User", "view"),
				"ClusterRoleBinding app names system:anonymous; bind a group of your identity provider.",
			],
			"every authenticated client": [
				binding("app", "system:authenticated", "Group", "admin"),
				"ClusterRoleBinding app names system:authenticated; bind a group of your identity provider.",
			],
			"the kinds of the API for unauthenticated clients": [
				binding("app", "system:unauthenticated", "Group", "system:discovery"),
				"ClusterRoleBinding app names system:unauthenticated; bind a group of your identity provider.",
			],
			"a role whose name only JavaScript objects have": [
				binding("app", "system:authenticated", "Group", "constructor"),
				"ClusterRoleBinding app names system:authenticated; bind a group of your identity provider.",
			],
			"a patch, which does not say of which role": [
				{
					type: `${rbac}:ClusterRoleBindingPatch`,
					props: { metadata: { name: "app" }, subjects: [{ kind: "Group", name: "system:authenticated" }] },
				},
				"ClusterRoleBinding app names system:authenticated; bind a group of your identity provider.",
			],
		},
	},
	"kubernetes-rbac-wildcards": {
		accepts: {
			"verbs by their names": role({ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }),
			"the paths below one": role({ nonResourceURLs: ["/metrics/*"], verbs: ["get"] }),
			"roles with a label": aggregate({ matchLabels: { "rbac.example/aggregate-to-app": "true" } }),
			"a role without rules": { type: `${rbac}:ClusterRole`, props: { metadata: { name: "app" }, rules: null } },
		},
		refuses: {
			"every verb in the second rule": [
				role(
					{ apiGroups: [""], resources: ["pods"], verbs: ["get"] },
					{ apiGroups: ["apps"], resources: ["*"], verbs: ["*"] },
				),
				"ClusterRole app has * in resources, verbs; list what is used.",
			],
			"every path": [
				role({ nonResourceURLs: ["*"], verbs: ["get"] }),
				"ClusterRole app has * in nonResourceURLs; list what is used.",
			],
			"every path, by the prefix of all": [
				role({ nonResourceURLs: ["/*"], verbs: ["get"] }),
				"ClusterRole app has * in nonResourceURLs; list what is used.",
			],
			"the rules of every other role": [
				aggregate({ matchLabels: { a: "b" } }, {}),
				"ClusterRole app selects Kubernetes' own ClusterRoles by its aggregationRule; use matchLabels that only your own ClusterRoles have.",
			],
			"the rules of every role that Kubernetes brings along": [
				aggregate({ matchLabels: { "kubernetes.io/bootstrapping": "rbac-defaults" } }),
				"ClusterRole app selects Kubernetes' own ClusterRoles by its aggregationRule; use matchLabels that only your own ClusterRoles have.",
			],
			"the rules of what Kubernetes gives to editors": [
				aggregate({ matchLabels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } }),
				"ClusterRole app selects Kubernetes' own ClusterRoles by its aggregationRule; use matchLabels that only your own ClusterRoles have.",
			],
			"the rules of every role without some label": [
				aggregate({ matchExpressions: [{ key: "nope", operator: "DoesNotExist" }] }),
				"ClusterRole app selects Kubernetes' own ClusterRoles by its aggregationRule; use matchLabels that only your own ClusterRoles have.",
			],
			"a verb in place of a list": [
				{ type: `${rbac}:ClusterRole`, props: { metadata: { name: "app" }, rules: [{ verbs: "*" }] } },
				"rules.0.verbs of ClusterRole app is not a list, so this rule cannot be decided.",
			],
		},
	},
	"kubernetes-rbac-permissions": {
		accepts: {
			"one Secret by its name": role({
				apiGroups: [""],
				resources: ["secrets"],
				resourceNames: ["app"],
				verbs: ["get"],
			}),
			"binding a harmless role by its name": role({
				apiGroups: ["rbac.authorization.k8s.io"],
				resources: ["clusterroles"],
				resourceNames: ["view"],
				verbs: ["bind"],
			}),
			"tokens of an account of one's own": role({
				apiGroups: [""],
				resources: ["serviceaccounts/token"],
				resourceNames: ["cert-manager"],
				verbs: ["create"],
			}),
			"acting as an account that only this cluster knows": role({
				apiGroups: [""],
				resources: ["users"],
				resourceNames: ["deployer"],
				verbs: ["impersonate"],
			}),
			"a role of Kubernetes' own from which nothing follows": binding(
				"app",
				"metrics",
				"ServiceAccount",
				"system:auth-delegator",
			),
			"pods that are only read": role({ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }),
			"a namespace for a group to edit": inNamespace("Group", "oidc:astronomers", "edit"),
		},
		refuses: {
			"a wildcard in place of a verb": [
				role({ apiGroups: [""], resources: ["pods"], verbs: ["*"] }),
				"ClusterRole app may create pods, which is to run as any ServiceAccount (control 5.1.4).",
			],
			"the name of a request that names nothing": [
				role({ apiGroups: [""], resources: ["secrets"], resourceNames: ["app", ""], verbs: ["list"] }),
				"ClusterRole app may get or list or watch secrets, which is to read every secret (control 5.1.2).",
			],
			"a subresource of anything": [
				role({ apiGroups: [""], resources: ["*/proxy"], verbs: ["get"] }),
				"ClusterRole app may get or create nodes/proxy, which is to command kubelets past the audit log (control 5.1.10).",
			],
			"binding cluster-admin by its name": [
				role({
					apiGroups: ["rbac.authorization.k8s.io"],
					resources: ["clusterroles"],
					resourceNames: ["view", "cluster-admin"],
					verbs: ["bind"],
				}),
				"ClusterRole app may bind clusterroles, which is to take any role (control 5.1.8).",
			],
			"rewriting any one role": [
				role({
					apiGroups: ["rbac.authorization.k8s.io"],
					resources: ["roles"],
					resourceNames: ["view"],
					verbs: ["escalate"],
				}),
				"ClusterRole app may escalate roles, which is to make any role (control 5.1.8).",
			],
			"acting as the group that passes every check": [
				role({ apiGroups: [""], resources: ["groups"], resourceNames: ["system:masters"], verbs: ["impersonate"] }),
				"ClusterRole app may impersonate groups, which is to act as any user (control 5.1.8).",
			],
			"acting as the groups that the identity provider names": [
				role({
					apiGroups: [""],
					resources: ["groups"],
					resourceNames: ["oidc:cluster-admins"],
					verbs: ["impersonate"],
				}),
				"ClusterRole app may impersonate groups, which is to act as any user (control 5.1.8).",
			],
			"tokens of the controller that writes roles": [
				role({
					apiGroups: [""],
					resources: ["serviceaccounts/token"],
					resourceNames: ["clusterrole-aggregation-controller"],
					verbs: ["create"],
				}),
				"ClusterRole app may create serviceaccounts/token, which is to act as any ServiceAccount (control 5.1.13).",
			],
			"acting as the account that installs RKE2's charts": [
				role({
					apiGroups: [""],
					resources: ["serviceaccounts"],
					resourceNames: ["helm-rke2-canal"],
					verbs: ["impersonate"],
				}),
				"ClusterRole app may impersonate serviceaccounts, which is to act as any user (control 5.1.8).",
			],
			"the role of the controller that writes roles": [
				binding("app", "oidc:bob", "User", "system:controller:clusterrole-aggregation-controller"),
				"ClusterRoleBinding app grants system:controller:clusterrole-aggregation-controller; bind a role with the permissions that are used (control 5.1.8).",
			],
			"a patch that adds to Kubernetes' own binding": [
				{
					type: `${rbac}:ClusterRoleBindingPatch`,
					props: {
						metadata: { name: "system:controller:job-controller" },
						subjects: [{ kind: "ServiceAccount", name: "ci", namespace: "app" }],
					},
				},
				"ClusterRoleBinding system:controller:job-controller grants system:controller:job-controller; bind a role with the permissions that are used (control 5.1.4).",
			],
			"every namespace for a group to edit": [
				binding("app", "oidc:astronomers", "Group", "edit"),
				...grants("ClusterRoleBinding app", "edit"),
			],
			"a namespace for a program to administer": [
				inNamespace("ServiceAccount", "ci", "admin"),
				...grants("RoleBinding app/app", "admin"),
			],
			"a role of a list in a manifest on a server": [
				manifest(
					"kind: List\napiVersion: v1\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: Role\n  metadata: {name: app, namespace: app}\n  rules:\n  - {apiGroups: [''], resources: [secrets], verbs: [list]}\n",
				),
				"Role app/app may get or list or watch secrets, which is to read every secret (control 5.1.2).",
			],
		},
	},
	"kubernetes-pod-security": {
		accepts: {
			baseline: object("core/v1:Namespace", { name: "app", labels: { [label]: "baseline" } }),
			"the standard of the cluster's minor": object("core/v1:Namespace", {
				name: "app",
				labels: { [label]: "restricted", [`${label}-version`]: "v1.35" },
			}),
			"the latest standard": object("core/v1:Namespace", {
				name: "app",
				labels: { [label]: "restricted", [`${label}-version`]: "latest" },
			}),
			"a patch of something else": object("core/v1:NamespacePatch", { name: "default" }),
		},
		refuses: {
			"a namespace that does not say": [
				object("core/v1:Namespace", { name: "app" }),
				`Namespace app has no label ${label}; allowed are restricted and baseline.`,
			],
			"an old standard": [
				object("core/v1:Namespace", { name: "app", labels: { [label]: "restricted", [`${label}-version`]: "v1.0" } }),
				`Namespace app has the label ${label}-version=v1.0; allowed are latest and v1.33 or later.`,
			],
			"a patch that goes back to one": [
				object("core/v1:NamespacePatch", { name: "app", labels: { [`${label}-version`]: "v1.24" } }),
				`Namespace app has the label ${label}-version=v1.24; allowed are latest and v1.33 or later.`,
			],
			"one of a list": [
				{
					type: "kubernetes:core/v1:NamespaceList",
					props: {
						items: [{ metadata: { name: "a", labels: { [label]: "restricted" } } }, { metadata: { name: "b" } }],
					},
				},
				`Namespace b has no label ${label}; allowed are restricted and baseline.`,
			],
		},
	},
	"kubernetes-default-namespace": {
		accepts: {
			"an object elsewhere": object("core/v1:ConfigMap", { name: "app", namespace: "app" }),
			"a kind outside every namespace": object("core/v1:PersistentVolume", { name: "app" }),
			"a role outside every namespace": object("rbac.authorization.k8s.io/v1:ClusterRole", { name: "app" }),
			"a patch of what Kubernetes made there": object("core/v1:ServiceAccountPatch", {
				name: "default",
				namespace: "default",
			}),
		},
		refuses: {
			"an object that says default": [
				object("apps/v1:Deployment", { name: "app", namespace: "default" }),
				"Deployment app is in the namespace default; set metadata.namespace to another.",
			],
			"an object that does not say": [
				object("core/v1:ConfigMap", { name: "app" }),
				"ConfigMap app is in the namespace default; set metadata.namespace to another.",
			],
			"an older version of a kind that does not say": [
				object("autoscaling/v1:HorizontalPodAutoscaler", { name: "app" }),
				"HorizontalPodAutoscaler app is in the namespace default; set metadata.namespace to another.",
			],
			"a namespace without a name": [
				object("core/v1:ConfigMap", { name: "app", namespace: "" }),
				"ConfigMap app is in the namespace default; set metadata.namespace to another.",
			],
			"a role that does not say": [
				object("rbac.authorization.k8s.io/v1:Role", { name: "app" }),
				"Role app is in the namespace default; set metadata.namespace to another.",
			],
			"a number in place of a namespace": [
				object("core/v1:ConfigMap", { name: "app", namespace: 7 }),
				"metadata.namespace of ConfigMap in subject is not a string, so this rule cannot be decided.",
			],
		},
	},
	"helm-listed-charts": {
		accepts: {
			"a chart of the platform": release(traefik),
			"one from a mirror": release({ repositoryOpts: { repo: "http://10.25.20.1:8880/charts" }, valueYamlFiles: [] }),
			"a component of the program": { type: "rke2-lab:platform:Traefik", props: {} },
			"an object": object("core/v1:ConfigMap", { name: "app", namespace: "app" }),
		},
		refuses: {
			...Object.fromEntries(
				["helm.sh/v4:Chart", "helm.sh/v3:Chart", "yaml/v2:ConfigFile", "kustomize:Directory"].map((type) => [
					`a ${type}`,
					[
						{ type: `kubernetes:${type}`, name: "app", props: { chart: "traefik" } },
						`app is a kubernetes:${type}, whose objects no rule sees before Pulumi makes them; declare a release or the objects.`,
					] as const,
				]),
			),
			"a folder of the workstation": [
				release({ ...traefik, chart: "./traefik" }),
				`Release traefik has a chart that is not listed; allowed are ${Object.keys(chartRepositories).join(", ")}.`,
			],
			"an address with a password, which is not repeated": [
				release({ ...traefik, chart: "https://lab:hunter2@charts.example/traefik.tgz" }),
				`Release traefik has a chart that is not listed; allowed are ${Object.keys(chartRepositories).join(", ")}.`,
			],
			"a name without a repository": [release({}), "Release traefik names no repository; set repositoryOpts.repo."],
			"values in a file": [
				release({ ...traefik, valueYamlFiles: [{}] }),
				"Release traefik takes values from files, which the policy pack cannot check; set values.",
			],
			"a program behind it": [
				release({ ...traefik, postrender: "/tmp/x" }),
				"Release traefik lets a program change its objects; remove postrender.",
			],
		},
	},
	"helm-exact-version": {
		accepts: { "one version": release({ version: "41.3.0" }), "a version with a v": release({ version: "v1.20.3" }) },
		refuses: {
			"a range": [
				release({ version: "~41.3" }),
				"Release traefik has the version ~41.3; set one full version such as 41.3.0, not a range.",
			],
			silence: [release({}), "Release traefik has no version; set one full version such as 41.3.0."],
		},
	},
	"helm-namespace": {
		accepts: { "a namespace of its own": release({ namespace: "traefik" }) },
		refuses: {
			"the namespace default": [
				release({ namespace: "default" }),
				"Release traefik is in the namespace default; set namespace to another.",
			],
			silence: [release({}), "Release traefik is in the namespace default; set namespace to another."],
			"a namespace without a name": [
				release({ namespace: "" }),
				"Release traefik is in the namespace default; set namespace to another.",
			],
		},
	},
	"helm-controller": {
		accepts: {
			"values for Canal": manifest(
				"apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: rke2-canal, namespace: kube-system}\n",
			),
		},
		refuses: {
			"a chart that the program declares": [
				object("helm.cattle.io/v1:HelmChart", { name: "app", namespace: "kube-system" }),
				"HelmChart kube-system/app installs a chart whose objects no rule sees; declare a release instead.",
			],
			"a chart in a manifest on a server": [
				manifest("apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: app, namespace: kube-system}\n"),
				"HelmChart kube-system/app installs a chart whose objects no rule sees; declare a release instead.",
			],
			"values for another chart of RKE2": [
				manifest(
					"apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: rke2-coredns, namespace: kube-system}\n",
				),
				"HelmChartConfig kube-system/rke2-coredns sets values of a chart that no rule sees; allowed is rke2-canal.",
			],
		},
	},
	"helm-no-created-namespace": {
		accepts: { "a namespace of the program": release({ namespace: "traefik", createNamespace: false }) },
		refuses: {
			"a namespace of Helm's": [
				release({ namespace: "traefik", createNamespace: true }),
				"Release traefik has createNamespace: true; declare its namespace in the program.",
			],
		},
	},
};
