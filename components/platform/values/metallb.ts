/** Values of the MetalLB chart, for 0.16: since then FRR-K8s, which only BGP needs, is on unless switched off. */

export function metallbValues() {
	// Added to the rest of the chart's own context of the pod.
	const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
	return {
		frrk8s: { enabled: false },
		controller: { securityContext },
		speaker: { frr: { enabled: false }, securityContext },
	};
}
