import { describe, expect, test } from "vitest";
import type { StackConfig } from "../../../../../src/config/schema/stack.ts";
import type { Registration } from "../../recorder.ts";
import { lab, named, objects, platform, releaseType } from "../platform-lab.ts";

test("Traefik takes the nodes' ports 80 and 443 without the host's network or a load balancer", () => {
	expect(named(objects, releaseType, "traefik").inputs.values).toMatchObject({
		deployment: { kind: "DaemonSet" },
		updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
		service: { spec: { type: "ClusterIP" } },
		ports: {
			web: { port: 8000, hostPort: 80 },
			websecure: { port: 8443, hostPort: 443 },
			metrics: { port: 9111, exposedPort: 9111, expose: { default: true } },
		},
		accessLog: { enabled: true, format: "json" },
		api: { dashboard: false },
		tlsStore: { default: { defaultCertificate: { secretName: "wildcard-tls" } } },
	});
	expect(named(objects, releaseType, "traefik").inputs.values).not.toHaveProperty("hostNetwork");
});

describe("the exposure", () => {
	const values = async (change: (stack: StackConfig) => void) =>
		named(await platform(change), releaseType, "traefik").inputs.values as {
			service: { spec: object };
			ports: Record<"web" | "websecure" | "metrics", object>;
		};

	test("uses node ports behind a proxy that names the client", async () => {
		const { service, ports } = await values(({ platform: { traefik } }) => {
			Object.assign(traefik, { exposure: "nodePort", trustedProxies: ["10.25.20.40/32"] });
		});
		expect(service.spec).toEqual({ type: "NodePort", externalTrafficPolicy: "Local" });
		const proxyProtocol = { trustedIPs: ["10.25.20.40/32"] };
		expect(ports.web).toMatchObject({ port: 8000, nodePort: 30080, proxyProtocol });
		expect(ports.websecure).toMatchObject({ port: 8443, nodePort: 30443, proxyProtocol });
		expect(ports.web).not.toHaveProperty("hostPort");
	});

	test("uses an address of MetalLB, and only the port for metrics on the nodes", async () => {
		const { service, ports } = await values((stack) => {
			stack.platform.traefik.exposure = "loadBalancer";
		});
		expect(service.spec).toEqual({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
		expect(ports.web).not.toHaveProperty("hostPort");
		expect(ports.websecure).not.toHaveProperty("hostPort");
		expect(ports.metrics).toMatchObject({ hostPort: 9111, expose: { default: false } });
	});

	test.each(["nodePort", "loadBalancer"] as const)("%s changes the release and nothing else", async (exposure) => {
		const changed = await platform((stack) => {
			stack.platform.traefik.exposure = exposure;
		});
		const rest = (registrations: Registration[]) =>
			registrations
				.filter(({ type, name }) => type.startsWith("kubernetes:") && (type !== releaseType || name !== "traefik"))
				.sort((a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`));
		expect(rest(changed)).toEqual(rest(lab));
	});

	test("waits for MetalLB only when it needs an address", async () => {
		const balanced = await platform((stack) => {
			stack.platform.traefik.exposure = "loadBalancer";
			stack.platform.metallb.announce = true;
		});
		const waitsFor = (registrations: Registration[]) =>
			named(registrations, "rke2-lab:platform:Traefik", "traefik").dependsOn;
		expect(waitsFor(balanced)).toEqual(expect.arrayContaining(["metallb", "default-pool", "l2-advert"]));
		expect(waitsFor(lab)).toEqual([]);
	});
});

test("every route over HTTPS has the lab's headers and rate limit", () => {
	const { ports } = named(objects, releaseType, "traefik").inputs.values as { ports: Record<string, object> };
	expect(ports.websecure).toMatchObject({
		http: {
			middlewares: ["traefik-default-headers@kubernetescrd", "traefik-default-ratelimit@kubernetescrd"],
		},
	});
	const middleware = (name: string) => named(objects, "kubernetes:traefik.io/v1alpha1:Middleware", name);
	expect(middleware("default-headers").inputs).toMatchObject({
		metadata: { namespace: "traefik" },
		spec: {
			headers: { stsSeconds: 31_536_000, contentTypeNosniff: true, customFrameOptionsValue: "SAMEORIGIN" },
		},
	});
	expect(middleware("default-ratelimit").inputs.spec).toEqual({ rateLimit: { average: 100, burst: 50 } });
	expect(middleware("default-ratelimit").dependsOn).toContain("traefik");
});

test("Traefik accepts TLS 1.2 or later, and only ciphers with forward secrecy and authenticated encryption", () => {
	const { tlsOptions } = named(objects, releaseType, "traefik").inputs.values as {
		tlsOptions: { default: { minVersion: string; cipherSuites: string[] } };
	};
	expect(tlsOptions.default.minVersion).toBe("VersionTLS12");
	expect(tlsOptions.default.cipherSuites.length).toBeGreaterThan(0);
	for (const cipher of tlsOptions.default.cipherSuites) {
		expect(cipher).toMatch(/^TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM|CHACHA20_POLY1305)_/);
	}
});
