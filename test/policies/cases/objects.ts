/** Rules about roles, about single objects of a cluster, and about Helm releases. */
import { administratorsBinding } from "../../../src/rke2/authentication.ts";
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

function release(props: Record<string, unknown>): Given {
	return { type: "kubernetes:helm.sh/v3:Release", name: "traefik", props: { chart: "traefik", ...props } };
}

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
		accepts: { "a group of people": binding("app", "oidc:astronomers", "Group", "view") },
		refuses: {
			"the group that passes every check": [
				binding("app", "system:masters"),
				"ClusterRoleBinding app names system:masters; bind a group of your identity provider.",
			],
			everybody: [
				binding("app", "system:anonymous", "User", "view"),
				"ClusterRoleBinding app names system:anonymous; bind a group of your identity provider.",
			],
		},
	},
	"kubernetes-rbac-wildcards": {
		accepts: { "verbs by their names": role({ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }) },
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
			"pods that are only read": role({ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }),
		},
		refuses: {
			"a wildcard in place of a verb": [
				role({ apiGroups: [""], resources: ["pods"], verbs: ["*"] }),
				"ClusterRole app may create pods (control 5.1.4), which is to run as any ServiceAccount.",
			],
			"a subresource of anything": [
				role({ apiGroups: [""], resources: ["*/proxy"], verbs: ["get"] }),
				"ClusterRole app may get or create nodes/proxy (control 5.1.10), which is to command kubelets past the audit log.",
			],
			"a role of a list in a manifest on a server": [
				manifest(
					"kind: List\napiVersion: v1\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: Role\n  metadata: {name: app, namespace: app}\n  rules:\n  - {apiGroups: [''], resources: [secrets], verbs: [list]}\n",
				),
				"Role app/app may get or list or watch secrets (control 5.1.2), which is to read every secret.",
			],
		},
	},
	"kubernetes-pod-security": {
		accepts: {
			baseline: object("core/v1:Namespace", { name: "app", labels: { [label]: "baseline" } }),
			"a patch of something else": object("core/v1:NamespacePatch", { name: "default" }),
		},
		refuses: {
			"a namespace that does not say": [
				object("core/v1:Namespace", { name: "app" }),
				`Namespace app has no label ${label}; allowed are restricted and baseline.`,
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
