/** Values of the MetalLB chart, for 0.16: since then FRR-K8s, which only BGP needs, is on unless switched off. */

export function metallbValues() {
	// Added to the rest of the chart's own context of the pod.
	const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
	return {
		// The controller is ready before its webhook answers, and Pulumi does not try again: with `Fail` the pool, which the
		// stack file's schema has checked, would be refused in the first half minute.
		crds: { validationFailurePolicy: "Ignore" },
		frrk8s: { enabled: false },
		controller: { securityContext },
		speaker: { frr: { enabled: false }, securityContext },
	};
}
