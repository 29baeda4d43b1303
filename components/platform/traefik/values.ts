/** Values of the Traefik chart, for 41.x: 41 renamed the logging keys, 40 the redirections. */

import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";

type TraefikConfig = StackConfig["platform"]["traefik"];

/** Secret in Traefik's namespace with the certificate for hosts that no other certificate covers. */
export const wildcardSecret = "wildcard-tls";

/** Unprivileged ports, because the pod runs as nobody without capabilities. The node's ports lead here. */
export const containerPorts = { web: 8000, websecure: 8443, metrics: 9111 } as const;

/** The entry point for HTTPS names them, so that no route can leave them out. */
export const middlewares = {
	"default-headers": {
		headers: { stsSeconds: 31_536_000, contentTypeNosniff: true, customFrameOptionsValue: "SAMEORIGIN" },
	},
	// Requests a second and client address.
	"default-ratelimit": { rateLimit: { average: 100, burst: 50 } },
};

export function traefikValues({ traefik, certManager }: Pick<StackConfig["platform"], "traefik" | "certManager">) {
	const { exposure, nodePorts, trustedProxies } = traefik;
	const proxies = trustedProxies.length > 0 && { proxyProtocol: { trustedIPs: trustedProxies } };
	return {
		// One pod on every worker without a taint. Two replicas in the host's network could not bind 80 and 443 without root, and
		// would have no fixed address.
		deployment: { kind: "DaemonSet" },
		updateStrategy: {
			type: "RollingUpdate",
			// Two pods cannot have the node's ports at the same time: with the chart's default an update would never finish.
			rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
		},
		ingressClass: { enabled: true, isDefaultClass: true },
		api: { dashboard: false },
		ingressRoute: { dashboard: { enabled: false } },
		providers: {
			kubernetesCRD: {
				enabled: true,
				// A route must not use middlewares and Services of another namespace.
				allowCrossNamespace: false,
				// Otherwise any namespace could set another default certificate for the whole cluster.
				defaultTLSResourcesNamespace: platformNamespaces.traefik,
			},
			// No external names: the network policies let Traefik reach only its backends.
			kubernetesIngress: { enabled: true, allowExternalNameServices: false },
		},
		ports: {
			web: {
				port: containerPorts.web,
				...exposedPort(exposure, 80, nodePorts.web),
				...proxies,
				expose: { default: true },
				exposedPort: 80,
				http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
			},
			websecure: {
				port: containerPorts.websecure,
				...exposedPort(exposure, 443, nodePorts.websecure),
				...proxies,
				expose: { default: true },
				exposedPort: 443,
				http: {
					tls: { enabled: true },
					middlewares: Object.keys(middlewares).map((name) => `${platformNamespaces.traefik}-${name}@kubernetescrd`),
				},
			},
			// 9100, the chart's default, is the node exporter's.
			metrics: {
				port: containerPorts.metrics,
				hostPort: containerPorts.metrics,
				// Scrapers use the nodes' addresses; visitors of a load balancer's address get no metrics.
				expose: { default: exposure === "hostPort" },
				exposedPort: containerPorts.metrics,
			},
		},
		service: { spec: serviceOf(exposure) },
		// Without cert-manager there is no wildcard certificate, and Traefik generates one itself.
		...(certManager && { tlsStore: { default: { defaultCertificate: { secretName: wildcardSecret } } } }),
		tlsOptions: {
			// No `sniStrict`: it refuses every host that only the default certificate covers.
			default: {
				minVersion: "VersionTLS12",
				cipherSuites: [
					"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
					"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
					"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
					"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
					"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
					"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
				],
			},
		},
		log: { level: "INFO" },
		accessLog: { enabled: true, format: "json" },
		metrics: { prometheus: { entryPoint: "metrics" } },
		// No calls to the publisher: the network policies would refuse them.
		global: { checkNewVersion: false, sendAnonymousUsage: false },
		resources: {
			requests: { cpu: "100m", memory: "128Mi" },
			limits: { cpu: "300m", memory: "256Mi" },
		},
	};
}

function exposedPort(exposure: TraefikConfig["exposure"], hostPort: number, nodePort: number) {
	switch (exposure) {
		case "hostPort":
			return { hostPort };
		case "nodePort":
			return { nodePort };
		case "loadBalancer":
			return {};
	}
}

function serviceOf(exposure: TraefikConfig["exposure"]) {
	switch (exposure) {
		case "hostPort":
			// The chart's default is a LoadBalancer, which would wait for an address that MetalLB does not assign.
			return { type: "ClusterIP" };
		// Local: the node sends a connection to its own pod, which then sees the client's address.
		case "nodePort":
			return { type: "NodePort", externalTrafficPolicy: "Local" };
		case "loadBalancer":
			return { type: "LoadBalancer", externalTrafficPolicy: "Local" };
	}
}
