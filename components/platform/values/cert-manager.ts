/** Values of the cert-manager chart, for 1.21. */

export const certManagerNamespace = "cert-manager";

/** Public resolvers that decide whether a DNS01 challenge is visible: Cloudflare and Google. */
export const recursiveNameservers = ["1.1.1.1", "8.8.8.8"];

export function certManagerValues() {
	// Two of each, and a drain never takes both.
	const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true } };
	return {
		// Kept when the release goes: deleting the definitions deletes every certificate of the cluster with them.
		crds: { enabled: true, keep: true },
		...pair,
		webhook: pair,
		cainjector: pair,
		dns01RecursiveNameservers: recursiveNameservers.map((address) => `${address}:53`).join(","),
		// The lab's own DNS servers answer for the zone as well, and do not know the challenge.
		dns01RecursiveNameserversOnly: true,
	};
}
