/**
 * The NetworkPolicies of `profile: cis`, as in RKE2 1.35.
 * https://github.com/rancher/rke2/blob/release-1.35/pkg/rke2/np.go
 */

export interface CisPolicy {
	name: string;
	/** RKE2 sets it on the namespace after it made the policy once. It does not restore a policy that was changed or removed. */
	annotation: string;
	spec: {
		podSelector: { matchLabels?: Record<string, string> };
		policyTypes: ["Ingress"];
		ingress: { from?: { podSelector: object }[]; ports?: Ports }[];
	};
}

type Ports = { port: number | string; protocol: "TCP" | "UDP" }[];

const tcp = (...ports: (number | string)[]): Ports => ports.map((port) => ({ port, protocol: "TCP" }));

/** A policy that allows every source to some ports. */
function open(name: string, [key, value]: [string, string], ports: Ports): CisPolicy {
	return {
		name: `default-network-${name}-policy`,
		annotation: `np.rke2.io/${name}`,
		spec: { podSelector: { matchLabels: { [key]: value } }, policyTypes: ["Ingress"], ingress: [{ ports }] },
	};
}

export const everyNamespacePolicies: readonly CisPolicy[] = [
	{
		name: "default-network-policy",
		annotation: "np.rke2.io",
		spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] },
	},
];

const appName = "app.kubernetes.io/name";

export const kubeSystemPolicies: readonly CisPolicy[] = [
	open("dns", ["k8s-app", "kube-dns"], [...tcp(53), { port: 53, protocol: "UDP" }]),
	open("ingress", [appName, "rke2-ingress-nginx"], tcp("http", "https")),
	open("ingress-webhook", [appName, "rke2-ingress-nginx"], tcp("webhook")),
	open("traefik", [appName, "rke2-traefik"], tcp("web", "websecure")),
	open("snapshot-validation-webhook", [appName, "rke2-snapshot-validation-webhook"], tcp("https")),
	open("metrics-server", ["app", "rke2-metrics-server"], tcp("https")),
];
