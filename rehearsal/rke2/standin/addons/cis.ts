import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import { retry } from "../process/retry.ts";

const HARDENED_NAMESPACES = ["kube-system", "kube-public", "default"];
const SERVICE_ACCOUNT_NAMESPACES = [...HARDENED_NAMESPACES, "kube-node-lease"];

// Set on a namespace once its policies were made: an administrator who removes one later keeps it removed.
const ANNOTATION = "np.rke2.io";

interface NetworkPolicySpec {
	podSelector: object;
	policyTypes: string[];
	ingress: object[];
}

/** What `profile: cis` adds to the namespaces that come with a cluster, once each. */
export async function hardenNamespaces(kube: KubeClient, signal: AbortSignal): Promise<void> {
	for (const namespace of SERVICE_ACCOUNT_NAMESPACES) {
		await retry({ signal, interval: 500, waitingFor: `Waiting for the default service account of ${namespace}` }, () =>
			kube.patch(`/api/v1/namespaces/${namespace}/serviceaccounts/default`, { automountServiceAccountToken: false }),
		);
	}
	for (const namespace of HARDENED_NAMESPACES) {
		await ensureNetworkPolicies(kube, namespace);
	}
}

async function ensureNetworkPolicies(kube: KubeClient, namespace: string): Promise<void> {
	const path = `/api/v1/namespaces/${namespace}`;
	const { metadata } = await kube.get<KubeObject>(path);
	if (metadata.annotations?.[ANNOTATION] !== undefined) {
		return;
	}
	const policies = namespace === "kube-system" ? { ...EVERY_NAMESPACE, ...KUBE_SYSTEM } : EVERY_NAMESPACE;
	for (const [name, spec] of Object.entries(policies)) {
		await kube.createIfAbsent(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, {
			apiVersion: "networking.k8s.io/v1",
			kind: "NetworkPolicy",
			metadata: { name },
			spec,
		});
	}
	await kube.patch(path, { metadata: { annotations: { [ANNOTATION]: "resolved" } } });
	log.info(`Applied network policies to namespace ${namespace}`);
}

const EVERY_NAMESPACE: Record<string, NetworkPolicySpec> = {
	"default-network-policy": {
		podSelector: {},
		policyTypes: ["Ingress"],
		ingress: [{ from: [{ podSelector: {} }] }],
	},
};

const KUBE_SYSTEM: Record<string, NetworkPolicySpec> = {
	"default-network-dns-policy": {
		podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
		policyTypes: ["Ingress"],
		ingress: [
			{
				ports: [
					{ port: 53, protocol: "TCP" },
					{ port: 53, protocol: "UDP" },
				],
			},
		],
	},
	"default-network-metrics-server-policy": {
		podSelector: { matchLabels: { app: "rke2-metrics-server" } },
		policyTypes: ["Ingress"],
		ingress: [{ ports: [{ port: 10250, protocol: "TCP" }] }],
	},
};
