/**
 * Closes what the CIS profile of RKE2 leaves open in the namespaces that come with a cluster. Its policies restrict only ingress.
 * Pods there may send anywhere, and through CoreDNS any pod of the cluster could send data out.
 * https://github.com/rancher/rke2/blob/release-1.35/pkg/rke2/np.go
 */
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { single } from "./destinations.ts";
import type { LabelSelector, NamedPolicy, NetworkPolicySpec } from "./network-policy.ts";
import {
	allowEgress,
	apiServer,
	controlPlanes,
	defaultDeny,
	dnsPods,
	dnsPorts,
	everyNode,
	everyPod,
	fromHosts,
	tcp,
} from "./rules.ts";
import { allowDnsMetrics } from "./workload-policies.ts";

/** Chart rke2-metrics-server, and the selector of RKE2's own policy. */
const metricsServer: LabelSelector = { matchLabels: { app: "rke2-metrics-server" } };

/**
 * For kube-system. CoreDNS, its autoscaler, metrics-server, the snapshot controller and the jobs that install RKE2's charts call
 * the API server. All other pods there are in the network of their hosts, where no policy applies.
 */
export function kubeSystemPolicies(stack: Pick<StackConfig, "network" | "nodes" | "platform">): {
	allowed: NamedPolicy[];
	denied: NamedPolicy;
} {
	return {
		allowed: [
			allowEgress("allow-api-server", everyPod, apiServer(stack)),
			// The name servers of its node: CoreDNS has `dnsPolicy: Default`.
			allowEgress("allow-upstream-dns", dnsPods, { to: stack.network.nameservers.map(single), ports: dnsPorts }),
			allowEgress("allow-kubelets", metricsServer, { to: everyNode(stack), ports: tcp(10250) }),
			...allowDnsMetrics(stack),
		],
		// RKE2's policies for ingress stay unchanged.
		denied: { name: "default-deny-egress", spec: { podSelector: everyPod, policyTypes: ["Egress"] } },
	};
}

/** No pod should run in these. */
export const unusedNamespaces = ["default", "kube-public", "kube-node-lease"] as const;

export const unusedNamespacePolicy = defaultDeny();

/**
 * Sources for policies of RKE2 that admit everyone. RKE2 creates each of them once, records that on the namespace, and never
 * changes it again.
 */
export function narrowedPolicies(
	stack: Pick<StackConfig, "cluster" | "nodes">,
): { name: string; ingress: NetworkPolicySpec["ingress"] }[] {
	return [
		{
			name: "default-network-dns-policy",
			// Pods, including those in the network of a host with `dnsPolicy: ClusterFirstWithHostNet`.
			ingress: [{ from: [{ namespaceSelector: {} }, ...fromHosts(stack, everyNode(stack))], ports: dnsPorts }],
		},
		{
			name: "default-network-metrics-server-policy",
			// The API server, which forwards the requests of users and autoscalers.
			ingress: [{ from: fromHosts(stack, controlPlanes(stack)), ports: [{ protocol: "TCP", port: "https" }] }],
		},
	];
}
