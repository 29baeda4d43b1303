/** Values of the cert-manager chart, for 1.21. */
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { proxyVariables } from "../../../src/rke2/proxy.ts";

export function certManagerValues(
	stack: Pick<StackConfig, "cluster" | "network">,
	{ recursiveNameservers }: NonNullable<StackConfig["platform"]["certManager"]>,
) {
	// Only the pod itself mounts a token, not every pod with its account.
	const token = { automountServiceAccountToken: true, serviceAccount: { automountServiceAccountToken: false } };
	// Two replicas of each, which a drain never evicts at the same time.
	const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true }, ...token };
	return {
		// Helm keeps the definitions when it uninstalls the release: deleting them would delete every Certificate.
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
function proxyValues(stack: Pick<StackConfig, "cluster" | "network">): Record<string, string> {
	return Object.fromEntries(
		Object.entries(proxyVariables(stack)).map(([variable, value]) => [variable.toLowerCase(), value]),
	);
}
