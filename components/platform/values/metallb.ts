/** Values of the MetalLB chart, for 0.16: since then FRR-K8s, which only BGP needs, is on unless switched off. */

export const metallbNamespace = "metallb-system";

export function metallbValues() {
	return {
		frrk8s: { enabled: false },
		speaker: { frr: { enabled: false } },
	};
}
