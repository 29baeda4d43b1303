/** The plain data of a NetworkPolicy (networking.k8s.io/v1): values that a test can evaluate. */

export interface LabelSelector {
	/** Empty or absent selects everything. */
	matchLabels?: Record<string, string>;
}

/** Either an `ipBlock` or selectors; both selectors together mean these pods in these namespaces. */
export interface NetworkPeer {
	ipBlock?: { cidr: string; except?: string[] };
	namespaceSelector?: LabelSelector;
	podSelector?: LabelSelector;
}

export interface NetworkPort {
	protocol: "TCP" | "UDP";
	/** A number, or the name that the pods give it. */
	port: number | string;
}

export interface NetworkPolicySpec {
	podSelector: LabelSelector;
	policyTypes: ("Ingress" | "Egress")[];
	/** Absent `from` or `ports` mean any source, any port. */
	ingress?: { from?: NetworkPeer[]; ports?: NetworkPort[] }[];
	/** Absent `to` or `ports` mean any destination, any port. */
	egress?: { to?: NetworkPeer[]; ports?: NetworkPort[] }[];
}

export interface NamedPolicy {
	name: string;
	spec: NetworkPolicySpec;
}
