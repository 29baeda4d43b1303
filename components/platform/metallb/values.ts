/** Values of the MetalLB chart, for 0.16: since then FRR-K8s, which only BGP needs, is on unless switched off. */

export function metallbValues() {
	// The chart merges it with its own security context of the pod.
	const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
	return {
		// The controller is ready before its webhook answers, and Pulumi does not retry: with `Fail` the API server would refuse
		// the pool in the first half minute. The schema of the stack file has checked the pool.
		crds: { validationFailurePolicy: "Ignore" },
		frrk8s: { enabled: false },
		controller: { securityContext },
		speaker: { frr: { enabled: false }, securityContext },
	};
}
