/** Values of the Traefik chart, for 41.x: 41 renamed the logging keys, 40 the redirections. */

export const traefikNamespace = "traefik";

/** Secret in Traefik's namespace that holds the certificate served when no other matches. */
export const wildcardSecret = "wildcard-tls";

/** Unprivileged: the pod runs as nobody without capabilities, and the node's ports lead here. */
export const containerPorts = { web: 8000, websecure: 8443, metrics: 9111 } as const;

export function traefikValues() {
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
				// Routes of every namespace share the middlewares of Traefik's own.
				allowCrossNamespace: true,
				// Otherwise any namespace could bring another default certificate for the whole cluster.
				defaultTLSResourcesNamespace: traefikNamespace,
			},
			// Names outside the cluster stay off: the network policies let Traefik reach only its backends.
			kubernetesIngress: { enabled: true, allowExternalNameServices: false },
		},
		ports: {
			web: {
				port: containerPorts.web,
				hostPort: 80,
				expose: { default: true },
				exposedPort: 80,
				http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
			},
			websecure: {
				port: containerPorts.websecure,
				hostPort: 443,
				expose: { default: true },
				exposedPort: 443,
				http: { tls: { enabled: true } },
			},
			// 9100, the chart's default, is the node exporter's.
			metrics: {
				port: containerPorts.metrics,
				hostPort: containerPorts.metrics,
				expose: { default: true },
				exposedPort: containerPorts.metrics,
			},
		},
		// The nodes' ports are the way in. A LoadBalancer would wait for an address that MetalLB does not hand out.
		service: { spec: { type: "ClusterIP" } },
		tlsStore: { default: { defaultCertificate: { secretName: wildcardSecret } } },
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
