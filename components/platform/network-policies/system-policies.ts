/**
 * What the CIS profile of RKE2 leaves open in the namespaces that come with a cluster. Its policies are about traffic that
 * arrives; nothing there keeps a pod from sending anywhere, and with CoreDNS any pod of the cluster has a way out.
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
 * For kube-system. CoreDNS, its autoscaler, metrics-server, the snapshot controller and the jobs that install RKE2's charts
 * talk to the API server; all others there are in the network of their hosts, where no policy applies.
 */
export function kubeSystemPolicies(stack: StackConfig): { allowed: NamedPolicy[]; denied: NamedPolicy } {
	return {
		allowed: [
			allowEgress("allow-api-server", everyPod, apiServer(stack)),
			// Of its node: CoreDNS has `dnsPolicy: Default`.
			allowEgress("allow-upstream-dns", dnsPods, { to: stack.network.nameservers.map(single), ports: dnsPorts }),
			allowEgress("allow-kubelets", metricsServer, { to: everyNode(stack), ports: tcp(10250) }),
			...allowDnsMetrics(stack),
		],
		// RKE2's policies stay as they are for what arrives.
		denied: { name: "default-deny-egress", spec: { podSelector: everyPod, policyTypes: ["Egress"] } },
	};
}

/** Nothing is meant to run in these. */
export const unusedNamespaces = ["default", "kube-public", "kube-node-lease"] as const;

export const unusedNamespacePolicy = defaultDeny();

/**
 * Sources for policies of RKE2 that let everybody in. RKE2 makes each once, notes that on the namespace and leaves it
 * alone from then on.
 */
export function narrowedPolicies(stack: StackConfig): { name: string; ingress: NetworkPolicySpec["ingress"] }[] {
	return [
		{
			name: "default-network-dns-policy",
			// Pods, and what asks from the network of a host with `dnsPolicy: ClusterFirstWithHostNet`.
			ingress: [{ from: [{ namespaceSelector: {} }, ...fromHosts(stack, everyNode(stack))], ports: dnsPorts }],
		},
		{
			name: "default-network-metrics-server-policy",
			// The API server, which passes on what people and autoscalers ask it.
			ingress: [{ from: fromHosts(stack, controlPlanes(stack)), ports: [{ protocol: "TCP", port: "https" }] }],
		},
	];
}
