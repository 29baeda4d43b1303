/** Mutations of what is declared inside the cluster. */
import { administratorsBinding } from "../../src/rke2/authentication.ts";
import { paths } from "../../src/rke2/paths.ts";
import { declare, edit, editFiles, type Mutation, remove, servers } from "./change.ts";

const namespace = "monitoring";
const container = {
	name: "main",
	image: "registry.example/app:1.0.0",
	resources: { limits: { memory: "64Mi" } },
	securityContext: {
		allowPrivilegeEscalation: false,
		readOnlyRootFilesystem: true,
		runAsNonRoot: true,
		capabilities: { drop: ["ALL"] },
		seccompProfile: { type: "RuntimeDefault" },
	},
};
const pod = { serviceAccountName: "app", automountServiceAccountToken: false };

/** A Deployment without a fault but the one that is made here. */
function deployment(policy: string, change: string, faulty: Record<string, unknown>, inPod: object = {}): Mutation {
	const { securityContext, ...others } = faulty;
	const whole = {
		...container,
		...others,
		securityContext: { ...container.securityContext, ...(securityContext as object | undefined) },
	};
	return {
		policy,
		change,
		apply: declare("kubernetes:apps/v1:Deployment", "app", {
			metadata: { name: "app", namespace },
			spec: { template: { spec: { ...pod, ...inPod, containers: [whole] } } },
		}),
	};
}

/** Lays an object among the files of the servers. */
function addManifest(object: Record<string, unknown>) {
	const file = `file ${paths.manifests}/app.yaml 0600 root:root\n| ${JSON.stringify(object)}\n\n`;
	return editFiles(servers, /^(?=file )/m, file);
}

const rbac = "kubernetes:rbac.authorization.k8s.io/v1";

function role(policy: string, change: string, rule: Record<string, string[]>): Mutation {
	return {
		policy,
		change,
		apply: declare(`${rbac}:ClusterRole`, "app", { metadata: { name: "app" }, rules: [rule] }),
	};
}

function binding(policy: string, change: string, roleName: string, subject: string, name = "app"): Mutation {
	return {
		policy,
		change,
		apply: declare(`${rbac}:ClusterRoleBinding`, name, {
			metadata: { name },
			roleRef: { kind: "ClusterRole", name: roleName },
			subjects: [{ kind: "Group", name: subject }],
		}),
	};
}

export const kubernetesMutations: readonly Mutation[] = [
	binding("kubernetes-cluster-admin", "a second binding of administrators", "cluster-admin", "oidc:astronomers"),
	binding(
		"kubernetes-cluster-admin",
		"a group that the identity provider does not vouch for, among the administrators",
		"cluster-admin",
		"astronomers",
		administratorsBinding,
	),
	binding("kubernetes-system-masters", "a role for the group that passes every check", "view", "system:masters"),
	binding("kubernetes-everybody", "a role for whoever has logged in", "view", "system:authenticated"),
	role("kubernetes-rbac-wildcards", "every verb on ConfigMaps", {
		apiGroups: [""],
		resources: ["configmaps"],
		verbs: ["*"],
	}),
	role("kubernetes-rbac-permissions", "creating pods in every namespace", {
		apiGroups: [""],
		resources: ["pods"],
		verbs: ["create"],
	}),
	binding(
		"kubernetes-rbac-permissions",
		"the role of the controller that writes roles",
		"system:controller:clusterrole-aggregation-controller",
		"oidc:astronomers",
	),
	binding(
		"kubernetes-default-service-account",
		"a role for every account of a namespace",
		"view",
		"system:serviceaccounts:monitoring",
	),
	{
		policy: "kubernetes-default-service-account",
		change: "a namespace whose default account brings a token",
		apply: remove("kubernetes:core/v1:ServiceAccountPatch", "monitoring-default"),
	},
	{
		policy: "kubernetes-service-account-tokens",
		change: "an account that mounts its token into every pod",
		apply: declare("kubernetes:core/v1:ServiceAccount", "app", { metadata: { name: "app", namespace } }),
	},
	{
		policy: "kubernetes-pod-security",
		change: "platform.namespaces.monitoring.podSecurity: privileged",
		apply: edit("kubernetes:core/v1:Namespace", namespace, (props) => ({
			...props,
			metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
		})),
	},
	deployment("kubernetes-privileged-containers", "a privileged container", { securityContext: { privileged: true } }),
	deployment("kubernetes-host-namespaces", "a pod that sees the node's processes", {}, { hostPID: true }),
	deployment(
		"kubernetes-host-paths",
		"a pod that mounts the runtime's socket",
		{},
		{ volumes: [{ name: "socket", hostPath: { path: "/run/k3s/containerd/containerd.sock" } }] },
	),
	deployment("kubernetes-host-ports", "a port of the node", { ports: [{ containerPort: 8080, hostPort: 8080 }] }),
	deployment("kubernetes-windows-host-process", "a HostProcess container", {
		securityContext: { windowsOptions: { hostProcess: true } },
	}),
	deployment("kubernetes-privilege-escalation", "a container that can gain privileges", {
		securityContext: { allowPrivilegeEscalation: true },
	}),
	deployment("kubernetes-root-containers", "a container that runs as root", { securityContext: { runAsUser: 0 } }),
	deployment("kubernetes-capabilities", "a container that forges packets", {
		securityContext: { capabilities: { drop: ["ALL"], add: ["NET_RAW"] } },
	}),
	{
		policy: "kubernetes-node-capabilities",
		change: "kube-vip, which may have capabilities, with the one that loads modules into the kernel",
		apply: editFiles(servers, "- NET_RAW", "- SYS_MODULE"),
	},
	deployment("kubernetes-seccomp", "a container without a filter of system calls", {
		securityContext: { seccompProfile: { type: "Unconfined" } },
	}),
	deployment("kubernetes-security-context", "a container that writes to its image's files", {
		securityContext: { readOnlyRootFilesystem: false },
	}),
	deployment("kubernetes-secrets-in-environment", "a secret in the environment", {
		env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "app", key: "password" } } }],
	}),
	deployment("kubernetes-image-tags", "an image without a version", { image: "registry.example:5000/app" }),
	deployment("kubernetes-resource-limits", "a container without a limit of memory", { resources: {} }),
	{
		policy: "kubernetes-default-namespace",
		change: "a ConfigMap in the namespace default",
		apply: declare("kubernetes:core/v1:ConfigMap", "app", { metadata: { name: "app", namespace: "default" } }),
	},
	{
		policy: "kubernetes-default-deny",
		change: "a namespace without its default deny",
		apply: remove("kubernetes:networking.k8s.io/v1:NetworkPolicy", "monitoring-default-deny-all"),
	},
	{
		policy: "kubernetes-default-deny",
		change: "a policy of Calico's that allows everything",
		apply: declare("kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy", "app", {
			metadata: { name: "app" },
			spec: { selector: "all()", types: ["Ingress"], ingress: [{ action: "Allow" }] },
		}),
	},
	{
		policy: "kubernetes-load-balancers",
		change: "a load balancer while nothing is announced",
		apply: declare("kubernetes:core/v1:Service", "app", {
			metadata: { name: "app", namespace },
			spec: { type: "LoadBalancer" },
		}),
	},
	{
		policy: "helm-listed-charts",
		change: "a chart that is rendered by Pulumi",
		apply: declare("kubernetes:helm.sh/v4:Chart", "app", { chart: "app", version: "1.0.0", namespace }),
	},
	{
		policy: "helm-listed-charts",
		change: "values of a release in a file",
		apply: edit("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({
			...props,
			valueYamlFiles: [{ path: "v.yaml" }],
		})),
	},
	{
		policy: "helm-chart-repository",
		change: "a chart from a repository of somebody else",
		apply: edit("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({
			...props,
			repositoryOpts: { repo: "https://charts.example" },
		})),
	},
	{
		policy: "helm-exact-version",
		change: "platform.traefik.version: a range",
		apply: edit("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({ ...props, version: "^41" })),
	},
	{
		policy: "helm-namespace",
		change: "a release in the namespace default",
		apply: edit("kubernetes:helm.sh/v3:Release", "metallb", (props) => ({ ...props, namespace: "default" })),
	},
	{
		policy: "helm-controller",
		change: "a chart that a server installs",
		apply: addManifest({
			apiVersion: "helm.cattle.io/v1",
			kind: "HelmChart",
			metadata: { name: "app", namespace: "kube-system" },
			spec: { chart: "app", repo: "https://charts.example", targetNamespace: namespace },
		}),
	},
	{
		policy: "helm-no-created-namespace",
		change: "a release that makes its own namespace",
		apply: edit("kubernetes:helm.sh/v3:Release", "metallb", (props) => ({ ...props, createNamespace: true })),
	},
];
