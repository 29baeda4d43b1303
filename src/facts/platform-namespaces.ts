/** The namespaces that the platform lives in; no workload may have one of these names. */
export const platformNamespaces = {
	traefik: "traefik",
	certManager: "cert-manager",
	metallb: "metallb-system",
	gpuOperator: "gpu-operator",
	gpuSmokeTest: "gpu-smoke-test",
	networkCheck: "network-check",
} as const;
