/** The network interface of every node, and the ports that the program itself chooses or that RKE2 fixes. */

/** The only network interface of a node, under the name that Proxmox's cloud-init configuration gives it. */
export const nodeInterface = "eth0";

/** Port of the Kubernetes API: https://docs.rke2.io/install/requirements#inbound-network-rules */
export const apiPort = 6443;

/** Port of RKE2's supervisor, at which nodes register. */
export const registrationPort = 9345;

/**
 * Ports of the nodes at which `platform.scrapers` collect the metrics of the platform's pods. Kubernetes assigns no port of
 * this part of the range by itself.
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
