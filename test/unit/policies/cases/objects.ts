/** Rules about roles, about single objects of a cluster, and about Helm releases. */
import { chartRepositories } from "../../../../src/facts/add-ons.ts";
import { administratorsBinding } from "../../../../src/facts/administrators.ts";
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
				"ClusterRole app can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: \"true\", which only your own ClusterRoles have.",
			],
			"the rules of every role that Kubernetes brings along": [
				aggregate({ matchLabels: { "kubernetes.io/bootstrapping": "rbac-defaults" } }),
				"ClusterRole app can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: \"true\", which only your own ClusterRoles have.",
			],
			"the rules of what Kubernetes gives to editors": [
				aggregate({ matchLabels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } }),
				"ClusterRole app can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: \"true\", which only your own ClusterRoles have.",
			],
			"the rules of a chart's roles": [
				aggregate({ matchLabels: { "app.kubernetes.io/name": "traefik" } }),
				"ClusterRole app can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: \"true\", which only your own ClusterRoles have.",
			],
			"the rules of every role without some label": [
				aggregate({ matchExpressions: [{ key: "nope", operator: "DoesNotExist" }] }),
				"ClusterRole app can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: \"true\", which only your own ClusterRoles have.",
			],
			"a verb in place of a list": [
				{ type: `${rbac}:ClusterRole`, props: { metadata: { name: "app" }, rules: [{ verbs: "*" }] } },
				"rules.0.verbs of ClusterRole app is not a list, so this rule cannot be decided.",
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
