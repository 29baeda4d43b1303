/** Rules across the resources of a cluster. */
import { commandWith, configPath, serverConfig } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

function machine(name: string, role: string): Given {
	return { type: "proxmoxve:index/vmLegacy:VmLegacy", name, props: { tags: [role] } };
}

const server = (name: string, ...lines: string[]) => serverConfig(`${lines.join("\n")}\n`, {}, `${name}-converge`);
const agent = (name: string, ...lines: string[]) =>
	commandWith({ [configPath]: ["profile: cis", ...lines, ""].join("\n") }, `${name}-converge`);

const namespace: Given = { type: "kubernetes:core/v1:Namespace", name: "app", props: { metadata: { name: "app" } } };
const account = (namespaceName: string): Given => ({
	type: "kubernetes:core/v1:ServiceAccountPatch",
	name: "app-default",
	props: { metadata: { name: "default", namespace: namespaceName }, automountServiceAccountToken: false },
});
const pod = (spec: object): Given => ({
	type: "kubernetes:core/v1:Pod",
	name: "app",
	props: { metadata: { name: "app", namespace: "app" }, spec },
});
const policy = (spec: object, name = "app-deny"): Given => ({
	type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
	name,
	props: { metadata: { name: "deny", namespace: "app" }, spec },
});
const expression = (operator: string, key = "kubernetes.io/metadata.name") => ({
	matchExpressions: [{ key, operator, ...(operator.endsWith("In") && { values: ["app"] }) }],
});
const granted = (subject: object, roleName = "view"): Given => ({
	type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
	name: "app",
	props: { metadata: { name: "app" }, roleRef: { kind: "ClusterRole", name: roleName }, subjects: [subject] },
});
const service: Given = {
	type: "kubernetes:core/v1:Service",
	name: "app",
	props: { metadata: { name: "app", namespace: "app" }, spec: { type: "LoadBalancer" } },
};
const release = (values: object): Given => ({
	type: "kubernetes:helm.sh/v3:Release",
	name: "traefik",
	props: { chart: "traefik", values },
});
const chart = (name: string, repo: string): Given => ({
	type: "kubernetes:helm.sh/v3:Release",
	name,
	props: { chart: name, repositoryOpts: { repo } },
});
const advertisement: Given = {
	type: "kubernetes:metallb.io/v1beta1:L2Advertisement",
	props: { metadata: { name: "lab" } },
};

/** A namespace each with a default deny, and the label team=lab. */
function namespacesNamed(...names: string[]): Given[] {
	return names.flatMap((name) => [
		{ type: namespace.type, name, props: { metadata: { name, labels: { team: "lab" } } } },
		{
			type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
			name: `${name}-deny`,
			props: {
				metadata: { name: "deny", namespace: name },
				spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
			},
		},
	]);
}
const named = (...values: string[]) => ({
	matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }],
});

export const clusterCases: CaseTable = {
	"rke2-config-on-every-node": {
		accepts: {
			"a server and an agent": [
				machine("proj-k8sm01", "control-plane"),
				server("proj-k8sm01", "profile: cis"),
				machine("proj-k8sw01", "worker"),
				agent("proj-k8sw01"),
			],
			"a machine of something else": machine("router", "network"),
		},
		refuses: {
			"a worker that another one's command configures": [
				[machine("proj-k8sw01", "worker"), agent("proj-k8sw02")],
				"proj-k8sw01: No command proj-k8sw01-converge gives the machine the RKE2 configuration of an agent.",
			],
			"a control plane that gets an agent's configuration": [
				[machine("proj-k8sm01", "control-plane"), agent("proj-k8sm01")],
				"proj-k8sm01: No command proj-k8sm01-converge gives the machine the RKE2 configuration of a server.",
			],
		},
	},
	"rke2-equal-nodes": {
		accepts: {
			"servers that differ in their own address": [
				server("proj-k8sm01", "cni: canal", "node-ip: 10.25.20.4"),
				server("proj-k8sm02", "cni: canal", "node-ip: 10.25.20.5"),
			],
			"a server that joins the one that began the cluster": [
				server("proj-k8sm01", "cni: canal"),
				server("proj-k8sm02", "cni: canal", "server: https://k8s.lab.internal:9345"),
				agent("proj-k8sw01", "server: https://k8s.lab.internal:9345"),
			],
		},
		refuses: {
			"a second server with another network, and other names in its certificate": [
				[
					server("proj-k8sm01", "cluster-cidr: 10.42.0.0/16"),
					server("proj-k8sm02", "cluster-cidr: 10.52.0.0/16", "tls-san: [10.25.20.29]"),
				],
				"proj-k8sm02-converge: The RKE2 configurations in proj-k8sm01-converge and proj-k8sm02-converge differ in cluster-cidr, tls-san; make them equal.",
			],
			"a worker that joins elsewhere, and one with an argument of its own": [
				[
					agent("proj-k8sw01", "server: https://k8s.lab.internal:9345"),
					agent("proj-k8sw02", "server: https://k8s.elsewhere.example:9345"),
					agent("proj-k8sw03", "server: https://k8s.lab.internal:9345", "kubelet-arg: [v=9]"),
				],
				"proj-k8sw03-converge: The RKE2 configurations in proj-k8sw01-converge and proj-k8sw03-converge differ in kubelet-arg; make them equal.",
				"proj-k8sw02-converge: The RKE2 configurations in proj-k8sw01-converge and proj-k8sw02-converge differ in server; make them equal.",
			],
		},
	},
	"rke2-odd-servers": {
		accepts: {
			"one server": [machine("proj-k8sm01", "control-plane"), machine("proj-k8sw01", "worker")],
			"a stack without machines": [],
		},
		refuses: {
			"two servers": [
				[machine("proj-k8sm01", "control-plane"), machine("proj-k8sm02", "control-plane")],
				"proj-k8sm02: The cluster has 2 control planes; allowed is an odd number.",
			],
		},
	},
	"kubernetes-default-service-account": {
		accepts: {
			"a namespace with its patch": [namespace, account("app")],
			"a pod with an account of its own": pod({ serviceAccountName: "app" }),
			"a pod that says so by the field's old name": pod({ serviceAccountName: "", serviceAccount: "app" }),
			"a patch, which leaves it as it is": { ...pod({}), type: "kubernetes:core/v1:PodPatch" },
			"a role for an account of one workload": granted({ kind: "ServiceAccount", name: "app", namespace: "app" }),
			"the issuer's keys, which Kubernetes shows every pod": granted(
				{ kind: "Group", name: "system:serviceaccounts" },
				"system:service-account-issuer-discovery",
			),
		},
		refuses: {
			"a patch in another namespace": [
				[namespace, account("other")],
				"app: The default ServiceAccount of Namespace app mounts a token; patch automountServiceAccountToken to false.",
			],
			"a pod that names none": [
				pod({}),
				"app: Pod app/app runs as the default ServiceAccount; give it one of its own.",
			],
			"a pod that names nothing": [
				pod({ serviceAccountName: "" }),
				"app: Pod app/app runs as the default ServiceAccount; give it one of its own.",
			],
			"a role for the default account": [
				granted({ kind: "ServiceAccount", name: "default", namespace: "app" }),
				"app: ClusterRoleBinding app grants a role to ServiceAccount default; bind an account that one workload has.",
			],
			"a role for it as a user": [
				granted({ kind: "User", name: "system:serviceaccount:app:default" }),
				"app: ClusterRoleBinding app grants a role to User system:serviceaccount:app:default; bind an account that one workload has.",
			],
			"a role for every account of a namespace": [
				granted({ kind: "Group", name: "system:serviceaccounts:app" }),
				"app: ClusterRoleBinding app grants a role to Group system:serviceaccounts:app; bind an account that one workload has.",
			],
			"a role for every pod of the cluster": [
				granted({ kind: "Group", name: "system:serviceaccounts" }, "admin"),
				"app: ClusterRoleBinding app grants a role to Group system:serviceaccounts; bind an account that one workload has.",
			],
			"a patch that takes the pod's own account": [
				{ ...pod({ serviceAccountName: "default" }), type: "kubernetes:core/v1:PodPatch" },
				"app: Pod app/app runs as the default ServiceAccount; give it one of its own.",
			],
		},
	},
	"kubernetes-default-deny": {
		accepts: {
			"one policy for both directions": [namespace, policy({ podSelector: {}, policyTypes: ["Ingress", "Egress"] })],
			"one for each": [
				namespace,
				policy({ podSelector: {}, policyTypes: ["Ingress"] }),
				policy({ podSelector: {}, policyTypes: ["Egress"] }, "app-deny-egress"),
			],
			"ports for all sources beside it": [
				policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 8443 }] }] }),
			],
			"a private network but the pods beside it": [
				policy({
					podSelector: {},
					policyTypes: ["Egress"],
					egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.42.0.0/16"] } }] }],
				}),
			],
			"the internet at the ports of the web": [
				policy({
					podSelector: {},
					policyTypes: ["Egress"],
					egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: [{ port: 443 }] }],
				}),
			],
			"a range of ports for all sources, and one by its name": [
				policy({
					ingress: [{ ports: [{ port: 1, endPort: 1023 }, { port: "web" }, { port: 8443, protocol: "UDP" }] }],
				}),
			],
			"every pod of the same namespace": [policy({ ingress: [{ from: [{ podSelector: {} }] }] })],
			"some pods of every namespace": [
				policy({ ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: "b" } } }] }] }),
			],
			"some namespaces by their names, and those with a label": [
				policy({
					ingress: [
						{ from: [{ namespaceSelector: expression("In") }, { namespaceSelector: expression("Exists", "a") }] },
					],
				}),
			],
			"every pod at one port": [policy({ ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8443 }] }] })],
			"a private network but a pod network of its own": [
				server("proj-k8sm01", "cluster-cidr: 10.52.0.0/16"),
				policy({
					podSelector: {},
					policyTypes: ["Egress"],
					egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.48.0.0/12"] } }] }],
				}),
			],
			"parts of the ports in two policies": [
				policy({ ingress: [{ ports: [{ port: 1, endPort: 1023 }] }] }),
				{ ...policy({ ingress: [{ ports: [{ port: 30_000, endPort: 32_767 }] }] }), name: "second" },
			],
			"some of the namespaces by their names": [
				...namespacesNamed("one", "two", "three"),
				policy({ ingress: [{ from: [{ namespaceSelector: named("one", "two") }] }] }),
			],
			"Calico's settings": [
				{ type: "kubernetes:crd.projectcalico.org/v1:IPPool", props: { metadata: { name: "pods" } } },
			],
			"a rule of a direction that the policy is not about": [
				policy({ podSelector: {}, policyTypes: ["Ingress"], egress: [{}] }),
			],
		},
		refuses: {
			"a policy for incoming traffic only": [
				[namespace, policy({ podSelector: {} })],
				"app: Namespace app has no NetworkPolicy that selects every pod and denies Egress.",
			],
			"a policy for some pods": [
				[namespace, policy({ podSelector: { matchLabels: { a: "b" } }, policyTypes: ["Ingress", "Egress"] })],
				"app: Namespace app has no NetworkPolicy that selects every pod and denies Ingress and Egress.",
			],
			"all sources beside it": [
				[
					namespace,
					policy({ podSelector: {}, policyTypes: ["Ingress", "Egress"] }, "app-deny-all"),
					policy({ podSelector: { matchLabels: { a: "b" } }, ingress: [{}] }),
				],
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"everything let out beside it, by lists that are empty": [
				policy({ policyTypes: ["Egress"], egress: [{ to: [], ports: null }] }),
				"app-deny: NetworkPolicy app/deny allows all Egress; name peers or ports.",
			],
			"every address let in": [
				policy({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every port of a protocol": [
				policy({ ingress: [{ ports: [{ protocol: "SCTP" }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every port as a range": [
				policy({ ingress: [{ ports: [{ port: 1, endPort: 65535 }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every port as two": [
				policy({
					ingress: [
						{
							ports: [
								{ protocol: "TCP", port: 1024, endPort: 65535 },
								{ port: 1, endPort: 1023 },
							],
						},
					],
				}),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every address in two halves, in two rules": [
				policy({
					ingress: [
						{ from: [{ ipBlock: { cidr: "128.0.0.0/1" } }] },
						{ from: [{ ipBlock: { cidr: "0.0.0.0/1" } }], ports: [{}] },
					],
				}),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every address of IPv6": [
				policy({ ingress: [{ from: [{ ipBlock: { cidr: "::/0" } }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every address but one": [
				policy({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["192.0.2.1/32"] } }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"everywhere but the pods": [
				policy({
					podSelector: {},
					policyTypes: ["Egress"],
					egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.42.0.0/16"] } }] }],
				}),
				"app-deny: NetworkPolicy app/deny allows all Egress; name peers or ports.",
			],
			"every port but the first and the last": [
				policy({ ingress: [{ ports: [{ port: 2, endPort: 65_534 }] }] }),
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every address in two halves, in two policies": [
				[
					policy({ ingress: [{ from: [{ ipBlock: { cidr: "128.0.0.0/2" } }] }] }),
					{
						...policy({ ingress: [{ from: [{ ipBlock: { cidr: "64.0.0.0/2" } }] }] }),
						name: "second",
					},
				],
				"app-deny: The NetworkPolicies deny, deny of Namespace app together allow all Ingress; name peers or ports.",
			],
			"every port in two policies, one for another address each": [
				[
					policy({ ingress: [{ ports: [{ port: 1, endPort: 30_000 }] }] }),
					{ ...policy({ ingress: [{ from: [], ports: [{ port: 30_001, endPort: 65_535 }] }] }), name: "second" },
				],
				"second: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"every port in three policies": [
				[
					policy({ ingress: [{ ports: [{ port: 1, endPort: 20_000 }] }] }),
					{ ...policy({ ingress: [{ ports: [{ port: 20_001, endPort: 40_000 }] }] }), name: "second" },
					{ ...policy({ ingress: [{ ports: [{ port: 40_001, endPort: 65_535 }] }] }), name: "third" },
				],
				"app-deny: The NetworkPolicies deny, deny, deny of Namespace app together allow all Ingress; name peers or ports.",
			],
			"the pods' network in two halves, in two policies": [
				[
					policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.42.0.0/18" } }] }] }),
					{ ...policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.42.128.0/17" } }] }] }), name: "second" },
				],
				"app-deny: The NetworkPolicies deny, deny of Namespace app together allow every pod's Ingress; name peers or ports.",
			],
			"every namespace by its name": [
				[
					...namespacesNamed("one", "two", "three"),
					policy({ ingress: [{ from: [{ namespaceSelector: named("one", "two", "three") }] }] }),
				],
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every namespace by a label that all of the stack have": [
				[
					...namespacesNamed("one", "two", "three"),
					policy({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "lab" } } }] }] }),
				],
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every namespace, by a label that each has": [
				policy({ ingress: [{ from: [{ namespaceSelector: expression("Exists") }] }] }),
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every namespace, by a label that none has": [
				policy({ ingress: [{ from: [{ namespaceSelector: expression("DoesNotExist", "a") }] }] }),
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every namespace but one, and every pod but some": [
				policy({
					ingress: [
						{ from: [{ namespaceSelector: expression("NotIn"), podSelector: expression("DoesNotExist", "a") }] },
					],
				}),
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every pod by its address, which the servers are told": [
				[
					server("proj-k8sm01", "cluster-cidr: 10.52.0.0/16"),
					policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.52.0.0/15" } }] }] }),
				],
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"every pod of every namespace": [
				policy({ ingress: [{ from: [{ namespaceSelector: {}, podSelector: {} }] }] }),
				"app-deny: NetworkPolicy app/deny allows every pod's Ingress; name peers or ports.",
			],
			"a network that is not in CIDR form": [
				policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.42.0.0" } }] }] }),
				"undefined: 10.42.0.0 in NetworkPolicy app/deny is not a network, so this rule cannot be decided.",
			],
			"a policy of Calico's": [
				{
					type: "kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy",
					name: "app",
					props: { metadata: { name: "all" }, spec: { selector: "all()", ingress: [{ action: "Allow" }] } },
				},
				"app: GlobalNetworkPolicy all of crd.projectcalico.org/v1 can allow what a default deny denies; remove it.",
			],
			"a policy of the cluster's administrators": [
				{
					type: "kubernetes:policy.networking.k8s.io/v1alpha1:AdminNetworkPolicy",
					name: "app",
					props: { metadata: { name: "all" } },
				},
				"app: AdminNetworkPolicy all of policy.networking.k8s.io/v1alpha1 can allow what a default deny denies; remove it.",
			],
			"policies of Cilium's": [
				{
					type: "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy",
					name: "app",
					props: { metadata: { name: "all" }, spec: { endpointSelector: {}, ingress: [{ fromEntities: ["all"] }] } },
				},
				"app: CiliumClusterwideNetworkPolicy all of cilium.io/v2 can allow what a default deny denies; remove it.",
			],
			"a patch that allows all sources": [
				{ ...policy({ ingress: [{}] }), type: "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch" },
				"app-deny: NetworkPolicy app/deny allows all Ingress; name peers or ports.",
			],
			"one rule in place of a list": [
				policy({ podSelector: {}, ingress: {} }),
				"undefined: spec.ingress of NetworkPolicy app/deny is not a list, so this rule cannot be decided.",
			],
		},
	},
	"helm-chart-repository": {
		accepts: {
			"the publishers' own": [
				chart("traefik", "https://traefik.github.io/charts"),
				chart("metallb", "https://metallb.github.io/metallb/"),
			],
			"one mirror": [chart("traefik", "https://charts.example"), chart("metallb", "https://charts.example/")],
			"a chart that is not listed, which is another rule's": [
				chart("traefik", "https://traefik.github.io/charts"),
				chart("app", "https://charts.example"),
			],
		},
		refuses: {
			"one of them from elsewhere, whose password is not repeated": [
				[chart("traefik", "https://lab:hunter2@charts.example"), chart("metallb", "https://metallb.github.io/metallb")],
				"traefik: Release traefik is not from https://traefik.github.io/charts; use a mirror for all releases or for none.",
			],
		},
	},
	"kubernetes-load-balancers": {
		accepts: {
			"a load balancer that is announced": [service, advertisement],
			"a release whose Service is none": release({ service: { type: "ClusterIP" } }),
			"a release without a Service": release({ service: { enabled: false } }),
		},
		refuses: {
			"an object": [service, "app: Service app/app asks for a load balancer, but no pool is announced."],
			"a release that leaves it to the chart": [
				release({}),
				"traefik: Release traefik asks for a load balancer, but no pool is announced.",
			],
			"the values of a release": [
				release({ service: { spec: { type: "LoadBalancer" } } }),
				"traefik: Release traefik asks for a load balancer, but no pool is announced.",
			],
		},
	},
};
