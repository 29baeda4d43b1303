/** Values of the cert-manager chart, for 1.21. */
import type { StackConfig } from "../../../src/config/schema.ts";

export const certManagerNamespace = "cert-manager";

export function certManagerValues({ recursiveNameservers }: StackConfig["platform"]["certManager"]) {
	// A token where the pod itself says so, and not in every pod that names the account.
	const token = { automountServiceAccountToken: true, serviceAccount: { automountServiceAccountToken: false } };
	// Two of each, and a drain never takes both.
	const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true }, ...token };
	return {
		// Kept when the release goes: deleting the definitions deletes every certificate of the cluster with them.
		crds: { enabled: true, keep: true },
		...pair,
		webhook: pair,
		cainjector: pair,
		startupapicheck: token,
		dns01RecursiveNameservers: recursiveNameservers.map((address) => `${address}:53`).join(","),
		dns01RecursiveNameserversOnly: true,
	};
}
