/** Kubernetes objects at random: rights, pods, networks, admission, and what RKE2's controllers read. */
import fc from "fast-check";

export interface AddedObject extends Record<string, unknown> {
	apiVersion: string;
	kind: string;
}

const name = fc.constantFrom("added", "default", "mallory", "cluster-admin", "system:node");

const some = <Value>(...values: Value[]) => fc.subarray(values, { minLength: 1 });

const rules = fc.array(
	fc.record(
		{
			apiGroups: some("", "*", "apps", "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "helm.cattle.io"),
			resources: some(
				...["*", "secrets", "pods", "pods/exec", "nodes/proxy", "serviceaccounts/token", "clusterroles", "configmaps"],
				...["persistentvolumes", "deployments", "namespaces", "certificatesigningrequests/approval", "helmcharts"],
			),
			verbs: some("*", "get", "list", "create", "patch", "delete", "bind", "escalate", "impersonate", "watch"),
			resourceNames: some("added"),
		},
		{ requiredKeys: ["apiGroups", "resources", "verbs"] },
	),
	{ minLength: 1, maxLength: 3 },
);

const subjects = fc.array(
	fc.oneof(
		fc
			.constantFrom("system:authenticated", "system:masters", "mallory")
			.map((group) => ({ kind: "Group", name: group })),
		fc.record({ kind: fc.constant("User"), name }),
		fc.record({ kind: fc.constant("ServiceAccount"), name, namespace: fc.constantFrom("default", "kube-system") }),
	),
	{ minLength: 1, maxLength: 2 },
);

const container = fc.record(
	{
		name: fc.constant("main"),
		image: fc.constantFrom("busybox", "registry.example/app:1.0.0", "mallory.example/app@sha256:00"),
		securityContext: fc.record(
			{ privileged: fc.boolean(), runAsUser: fc.constantFrom(0, 1000), allowPrivilegeEscalation: fc.boolean() },
			{ requiredKeys: [] },
		),
		env: fc.constant([{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "added", key: "token" } } }]),
		ports: fc.constant([{ containerPort: 80, hostPort: 80 }]),
	},
	{ requiredKeys: ["name", "image"] },
);

const pod = fc.record(
	{
		containers: fc.array(container, { minLength: 1, maxLength: 2 }),
		hostNetwork: fc.boolean(),
		hostPID: fc.boolean(),
		serviceAccountName: name,
		automountServiceAccountToken: fc.boolean(),
		volumes: fc.constant([{ name: "root", hostPath: { path: "/" } }]),
		nodeName: fc.constant("proj-k8sm01"),
		tolerations: fc.constant([{ operator: "Exists" }]),
	},
	{ requiredKeys: ["containers"] },
);

const labels = fc.constantFrom({}, { app: "added" }, { "kubernetes.io/metadata.name": "default" });
const peer = fc.oneof(
	fc
		.constantFrom("0.0.0.0/0", "0.0.0.0/1", "::/0", "10.25.20.4/32", "169.254.169.254/32", "203.0.113.0/24")
		.map((cidr) => ({ ipBlock: { cidr } })),
	fc.constant({ ipBlock: { cidr: "0.0.0.0/0", except: ["203.0.113.9/32"] } }),
	labels.map((matchLabels) => ({ namespaceSelector: { matchLabels } })),
	labels.map((matchLabels) => ({ podSelector: { matchLabels } })),
);
const port = fc.constantFrom({}, { port: 443 }, { port: 1, endPort: 65_535, protocol: "UDP" }, { port: "http" });

const networkPolicy = fc.record(
	{
		podSelector: labels.map((matchLabels) => ({ matchLabels })),
		policyTypes: some("Ingress", "Egress"),
		ingress: fc.array(fc.record({ from: fc.array(peer), ports: fc.array(port) }, { requiredKeys: [] }), {
			maxLength: 2,
		}),
		egress: fc.array(fc.record({ to: fc.array(peer), ports: fc.array(port) }, { requiredKeys: [] }), { maxLength: 2 }),
	},
	{ requiredKeys: ["podSelector"] },
);

const rbac = "rbac.authorization.k8s.io/v1";
const roleRef = name.map((role) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role }));
const webhook = {
	name: "added.example.org",
	clientConfig: { url: "https://mallory.example/" },
	rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
	sideEffects: "None",
	admissionReviewVersions: ["v1"],
};

/** The members beside `metadata`. */
type Body = fc.Arbitrary<Record<string, unknown>>;

const fixed = (body: Record<string, unknown>): Body => fc.constant(body);
const template = (more: Record<string, unknown> = {}): Body =>
	pod.map((spec) => ({ spec: { ...more, selector: { matchLabels: { app: "added" } }, template: { spec } } }));

/** By API version and kind. */
const bodies: Readonly<Record<string, Body>> = {
	[`${rbac} ClusterRole`]: rules.map((list) => ({ rules: list })),
	[`${rbac} Role`]: rules.map((list) => ({ rules: list })),
	[`${rbac} ClusterRoleBinding`]: fc.record({ roleRef, subjects }),
	[`${rbac} RoleBinding`]: fc.record({ roleRef, subjects }),
	"v1 Pod": pod.map((spec) => ({ spec })),
	"v1 PodList": pod.map((spec) => ({ items: [{ metadata: { name: "added" }, spec }] })),
	"v1 List": pod.map((spec) => ({ items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "added" }, spec }] })),
	"apps/v1 Deployment": template(),
	"apps/v1 DaemonSet": template(),
	"apps/v1 StatefulSet": template({ serviceName: "added" }),
	"batch/v1 Job": template(),
	"example.org/v1 Machine": template(),
	"networking.k8s.io/v1 NetworkPolicy": networkPolicy.map((spec) => ({ spec })),
	"v1 Service": fc
		.constantFrom("NodePort", "LoadBalancer", "ExternalName", "ClusterIP")
		.map((type) => ({ spec: { type, ports: [{ port: 80 }], externalIPs: ["203.0.113.9"] } })),
	"v1 Secret": fixed({
		type: "kubernetes.io/service-account-token",
		metadata: { name: "added", annotations: { "kubernetes.io/service-account.name": "default" } },
	}),
	"v1 ConfigMap": fixed({ data: { script: "id" } }),
	"v1 ServiceAccount": fixed({ automountServiceAccountToken: true }),
	"v1 Namespace": fc
		.constantFrom("privileged", "restricted")
		.map((level) => ({ metadata: { name: "added", labels: { "pod-security.kubernetes.io/enforce": level } } })),
	"v1 PersistentVolume": fixed({ spec: { capacity: { storage: "1Gi" }, hostPath: { path: "/" } } }),
	"admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": fixed({ webhooks: [webhook] }),
	"admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": fixed({ webhooks: [webhook] }),
	"apiregistration.k8s.io/v1 APIService": fixed({ spec: { group: "example.org", insecureSkipTLSVerify: true } }),
	"apiextensions.k8s.io/v1 CustomResourceDefinition": fixed({
		spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: { url: "https://mallory.example/" } } } },
	}),
	"helm.cattle.io/v1 HelmChart": fixed({ spec: { chart: "https://mallory.example/chart.tgz" } }),
	"helm.cattle.io/v1 HelmChartConfig": fixed({ spec: { valuesContent: "image: mallory.example/app" } }),
};

/** @param namespaces of the stack */
export function objects(namespaces: readonly string[]): fc.Arbitrary<AddedObject> {
	const namespace = fc.constantFrom("default", "kube-system", ...namespaces);
	return fc.oneof(
		...Object.entries(bodies).map(([key, body]) => {
			const [apiVersion = "", kind = ""] = key.split(" ");
			return fc.tuple(name, namespace, body).map(
				([name, namespace, members]): AddedObject => ({
					apiVersion,
					kind,
					metadata: { name, namespace },
					...members,
				}),
			);
		}),
	);
}
