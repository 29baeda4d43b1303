/** Values of the cert-manager chart, for 1.21. */
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { proxyVariables } from "../../../src/rke2/proxy.ts";

export function certManagerValues(
	stack: StackConfig,
	{ recursiveNameservers }: NonNullable<StackConfig["platform"]["certManager"]>,
) {
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
		...proxyValues(stack),
	};
}

/** The chart names its values after the variables, in lower case. */
function proxyValues(stack: StackConfig): Record<string, string> {
	return Object.fromEntries(
		Object.entries(proxyVariables(stack)).map(([variable, value]) => [variable.toLowerCase(), value]),
	);
}
