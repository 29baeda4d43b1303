/**
 * Ports of the nodes at which `platform.scrapers` ask the platform's own pods. All are in the part of the range out of
 * which Kubernetes gives no Service a port by itself.
 * https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
 */
export const metricsNodePorts = {
	metallb: 30_020,
	gpuOperator: 30_040,
	certManager: 30_042,
	certManagerInjector: 30_043,
	certManagerWebhook: 30_044,
	gpuOperatorItself: 30_045,
	nodeFeatures: 30_046,
} as const;
