/** Values of the Traefik chart, for 41.x: 41 renamed the logging keys, 40 the redirections. */

import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";

type TraefikConfig = StackConfig["platform"]["traefik"];

/** Secret in Traefik's namespace that holds the certificate served when no other matches. */
export const wildcardSecret = "wildcard-tls";

/** Unprivileged: the pod runs as nobody without capabilities, and the node's ports lead here. */
export const containerPorts = { web: 8000, websecure: 8443, metrics: 9111 } as const;

/** For every route, because the entry point for HTTPS names them: a route cannot leave them out. */
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
		// One on every worker without a taint. In place of two replicas with the host's network: those cannot bind 80 and 443
		// without root, and have no address that stays.
		deployment: { kind: "DaemonSet" },
		updateStrategy: {
			type: "RollingUpdate",
			// A second pod cannot have the node's ports while the first has them: the chart's default would never finish.
			rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
		},
		ingressClass: { enabled: true, isDefaultClass: true },
		api: { dashboard: false },
		ingressRoute: { dashboard: { enabled: false } },
		providers: {
			kubernetesCRD: {
				enabled: true,
				// A route has no business with the middlewares and Services of another namespace.
				allowCrossNamespace: false,
				// Otherwise any namespace could bring another default certificate for the whole cluster.
				defaultTLSResourcesNamespace: platformNamespaces.traefik,
			},
			// Names outside the cluster stay off: the network policies let Traefik reach only its backends.
			kubernetesIngress: { enabled: true, allowExternalNameServices: false },
		},
		ports: {
			web: {
				port: containerPorts.web,
				...wayIn(exposure, 80, nodePorts.web),
				...proxies,
				expose: { default: true },
				exposedPort: 80,
				http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
			},
			websecure: {
				port: containerPorts.websecure,
				...wayIn(exposure, 443, nodePorts.websecure),
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
				// Scrapers ask the nodes; a load balancer's address shows visitors no metrics.
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
		// No call home: egress would refuse it.
		global: { checkNewVersion: false, sendAnonymousUsage: false },
		resources: {
			requests: { cpu: "100m", memory: "128Mi" },
			limits: { cpu: "300m", memory: "256Mi" },
		},
	};
}

function wayIn(exposure: TraefikConfig["exposure"], hostPort: number, nodePort: number) {
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
			// The chart's default is a LoadBalancer, which would wait for an address that MetalLB does not hand out.
			return { type: "ClusterIP" };
		// Local: straight to the pod of the node that was asked, which thus sees the client's address.
		case "nodePort":
			return { type: "NodePort", externalTrafficPolicy: "Local" };
		case "loadBalancer":
			return { type: "LoadBalancer", externalTrafficPolicy: "Local" };
	}
}
