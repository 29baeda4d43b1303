import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Platform } from "../../components/platform/platform.ts";
import { parseStack } from "../../src/config/parse.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { labValues } from "../unit/config/lab.ts";
import { type Registration, record } from "./recorder.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";
const namespaceType = "kubernetes:core/v1:Namespace";
const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** The platform of the lab's stack file, changed as a test needs it. */
function platform(change: (stack: StackConfig) => void = () => {}): Promise<Registration[]> {
	const stack = parseStack(labValues()).value!;
	change(stack);
	return record(() => {
		const provider = new Provider("kubernetes", { kubeconfig: "{}", clusterIdentifier: "lab" });
		const cluster = new pulumi.ComponentResource("test:index:Cluster", "cluster");
		new Platform("platform", { stack, provider, cloudflareApiToken: pulumi.secret("hunter2"), cluster });
	});
}

const lab = await platform();
/** What goes into the cluster, as opposed to components and providers. */
const objects = lab.filter(({ type }) => type.startsWith("kubernetes:"));

function named(registrations: Registration[], type: string, name: string): Registration {
	const found = registrations.filter((resource) => resource.type === type && resource.name === name);
	expect(found, `${type} ${name}`).toHaveLength(1);
	return found[0]!;
}

describe("everything inside the cluster", () => {
	test("is gone with the cluster and made through its provider", () => {
		expect(objects.length).toBeGreaterThan(50);
		for (const { name, deletedWith, provider } of objects) {
			expect({ name, deletedWith, provider }).toEqual({ name, deletedWith: "cluster", provider: "kubernetes" });
		}
	});

	test("waits for its namespace and the policies in it", () => {
		const inside = objects.filter(({ type }) =>
			["helm.sh/v3:Release", "core/v1:Secret", "cert-manager.io/v1:Certificate"].includes(
				type.replace("kubernetes:", ""),
			),
		);
		expect(inside).toHaveLength(6);
		for (const { name, inputs, dependsOn } of inside) {
			const { namespace } = (inputs.metadata ?? inputs) as { namespace: string };
			expect(dependsOn, name).toEqual(
				expect.arrayContaining([namespace, `${namespace}-default-deny-all`, `${namespace}-allow-dns`]),
			);
		}
	});
});

describe("namespaces", () => {
	test.each([
		["traefik", "privileged"],
		["cert-manager", "restricted"],
		["metallb-system", "privileged"],
		["gpu-operator", "privileged"],
		["ollama", "restricted"],
		["openwebui", "restricted"],
		["observatory-core", "restricted"],
		["data-pipeline", "restricted"],
		["monitoring", "restricted"],
	])("%s enforces, audits and warns %s, as of the cluster's minor", (name, level) => {
		expect(named(objects, namespaceType, name).inputs.metadata).toMatchObject({
			name,
			labels: {
				"pod-security.kubernetes.io/enforce": level,
				"pod-security.kubernetes.io/enforce-version": "v1.35",
				"pod-security.kubernetes.io/audit": level,
				"pod-security.kubernetes.io/audit-version": "v1.35",
				"pod-security.kubernetes.io/warn": level,
				"pod-security.kubernetes.io/warn-version": "v1.35",
			},
		});
	});

	test("each has a default deny in both directions, DNS, and a default ServiceAccount without a token", () => {
		const names = objects.filter(({ type }) => type === namespaceType).map(({ name }) => name);
		expect(names).toHaveLength(9);
		for (const name of names) {
			expect(named(objects, policyType, `${name}-default-deny-all`).inputs).toMatchObject({
				metadata: { name: "default-deny-all", namespace: name },
				spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
			});
			expect(named(objects, policyType, `${name}-allow-dns`).inputs).toMatchObject({ metadata: { namespace: name } });
			expect(named(objects, "kubernetes:core/v1:ServiceAccountPatch", `${name}-default`).inputs).toMatchObject({
				metadata: { name: "default", namespace: name },
				automountServiceAccountToken: false,
			});
		}
	});

	test("a workload namespace gets the level that the stack file gives it, and ingress only where it says so", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			namespaces.ollama = { podSecurity: "baseline", ingress: true };
		});
		expect(named(changed, namespaceType, "ollama").inputs.metadata).toMatchObject({
			labels: { "pod-security.kubernetes.io/enforce": "baseline" },
		});
		named(changed, policyType, "ollama-allow-ingress");
		expect(lab.some(({ name }) => name === "ollama-allow-ingress")).toBe(false);
	});
});

describe("releases", () => {
	test.each([
		["traefik", "41.3.0", "traefik", "https://traefik.github.io/charts"],
		["cert-manager", "v1.21.1", "cert-manager", "https://charts.jetstack.io"],
		["metallb", "0.16.1", "metallb-system", "https://metallb.github.io/metallb"],
		["gpu-operator", "v26.7.0", "gpu-operator", "https://helm.ngc.nvidia.com/nvidia"],
	])("%s %s is installed as a whole or not at all, into its own namespace", (name, version, namespace, repo) => {
		expect(named(objects, releaseType, name).inputs).toMatchObject({
			name,
			chart: name,
			version,
			namespace,
			repositoryOpts: { repo },
			createNamespace: false,
			atomic: true,
			cleanupOnFail: true,
			timeout: 600,
		});
	});

	test("all come from the mirror when there is one", async () => {
		const mirrored = await platform((stack) => {
			stack.platform.chartMirror = "http://10.25.20.1:8880/charts";
		});
		const repositories = mirrored
			.filter(({ type }) => type === releaseType)
			.map(({ inputs }) => (inputs.repositoryOpts as { repo: string }).repo);
		expect(repositories).toEqual(Array(4).fill("http://10.25.20.1:8880/charts"));
	});

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

	test("cert-manager keeps its definitions, runs everything twice, and asks public resolvers only", () => {
		const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true } };
		expect(named(objects, releaseType, "cert-manager").inputs.values).toMatchObject({
			...pair,
			webhook: pair,
			cainjector: pair,
			crds: { enabled: true, keep: true },
			dns01RecursiveNameservers: "1.1.1.1:53,8.8.8.8:53",
			dns01RecursiveNameserversOnly: true,
		});
	});

	test("MetalLB goes without FRR", () => {
		expect(named(objects, releaseType, "metallb").inputs.values).toEqual({
			frrk8s: { enabled: false },
			speaker: { frr: { enabled: false } },
		});
	});

	test("the GPU Operator is told RKE2's socket and no configuration file", () => {
		expect(named(objects, releaseType, "gpu-operator").inputs.values).toMatchObject({
			toolkit: { env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }] },
			driver: { enabled: true },
			mig: { strategy: "none" },
			migManager: { enabled: false },
			operator: { cleanupCRD: false },
			devicePlugin: {},
		});
	});
});

describe("certificates", () => {
	test("the Cloudflare token reaches one Secret, as a secret, and nothing else", () => {
		expect(named(objects, "kubernetes:core/v1:Secret", "cloudflare-api-token").inputs).toMatchObject({
			metadata: { name: "cloudflare-api-token", namespace: "cert-manager" },
			stringData: { secret: { "api-token": "hunter2" } },
		});
		const others = lab.filter(({ name }) => name !== "cloudflare-api-token");
		expect(JSON.stringify(others)).not.toContain("hunter2");
	});

	test("the issuer proves the domain by DNS at Cloudflare, once cert-manager and the token are there", () => {
		const issuer = named(objects, "kubernetes:cert-manager.io/v1:ClusterIssuer", "letsencrypt-cloudflare");
		expect(issuer.inputs.spec).toEqual({
			acme: {
				server: "https://acme-v02.api.letsencrypt.org/directory",
				email: "admin@radioastronomy.io",
				privateKeySecretRef: { name: "letsencrypt-cloudflare-account" },
				solvers: [
					{
						selector: { dnsZones: ["radioastronomy.io"] },
						dns01: { cloudflare: { apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" } } },
					},
				],
			},
		});
		expect(issuer.dependsOn).toEqual(expect.arrayContaining(["cert-manager", "cloudflare-api-token"]));
	});

	test("the wildcard certificate lands where Traefik looks for its default", () => {
		const certificate = named(objects, "kubernetes:cert-manager.io/v1:Certificate", "wildcard-tls");
		expect(certificate.inputs).toMatchObject({
			metadata: { namespace: "traefik" },
			spec: {
				secretName: "wildcard-tls",
				dnsNames: ["radioastronomy.io", "*.radioastronomy.io"],
				issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-cloudflare" },
				duration: "2160h",
				renewBefore: "360h",
				privateKey: { rotationPolicy: "Always" },
			},
		});
		expect(certificate.dependsOn).toContain("letsencrypt-cloudflare");
	});
});

describe("load balancing", () => {
	const advertisement = "kubernetes:metallb.io/v1beta1:L2Advertisement";
	const announcing = (stack: StackConfig) => {
		stack.platform.metallb = { ...stack.platform.metallb, announce: true, pool: ["10.25.20.30-10.25.20.35"] };
	};

	test("switched off, the pool is there, hands out nothing and is not announced", () => {
		const pool = named(objects, "kubernetes:metallb.io/v1beta1:IPAddressPool", "default-pool");
		expect(pool.inputs.spec).toEqual({ addresses: ["10.25.10.30-10.25.10.35"], autoAssign: false });
		expect(pool.dependsOn).toContain("metallb");
		expect(objects.some(({ type }) => type === advertisement)).toBe(false);
	});

	test("switched on, it hands out and is announced, and nothing but pool and advertisement differs", async () => {
		const on = await platform(announcing);
		expect(named(on, "kubernetes:metallb.io/v1beta1:IPAddressPool", "default-pool").inputs.spec).toEqual({
			addresses: ["10.25.20.30-10.25.20.35"],
			autoAssign: true,
		});
		expect(named(on, advertisement, "l2-advert").inputs.spec).toEqual({ ipAddressPools: ["default-pool"] });
		const rest = (registrations: Registration[]) =>
			registrations.filter(({ name }) => name !== "default-pool" && name !== "l2-advert");
		expect(rest(on)).toEqual(rest(lab));
	});
});

describe("GPUs", () => {
	const shared = (shares: number) => (stack: StackConfig) => {
		stack.platform.gpuOperator.timeSlices = shares;
	};
	const configMap = (registrations: Registration[]) =>
		named(registrations, "kubernetes:core/v1:ConfigMap", "time-slicing");

	test("a shared card is described in a ConfigMap that the release names and waits for", async () => {
		const sliced = await platform(shared(4));
		const { name } = configMap(sliced).inputs.metadata as { name: string };
		expect((configMap(sliced).inputs.data as { any: string }).any).toContain("replicas: 4");
		const release = named(sliced, releaseType, "gpu-operator");
		expect(release.inputs.values).toMatchObject({ devicePlugin: { config: { name, default: "any" } } });
		expect(release.dependsOn).toContain("time-slicing");
	});

	test("another number of shares is another name, because the operator watches the name only", async () => {
		const names = [await platform(shared(2)), await platform(shared(3))].map(
			(registrations) => (configMap(registrations).inputs.metadata as { name: string }).name,
		);
		expect(names[0]).not.toBe(names[1]);
	});

	test("without a card in the cluster there is no operator", async () => {
		const without = await platform((stack) => {
			for (const node of Object.values(stack.nodes)) {
				delete node.gpu;
			}
		});
		expect(without.filter(({ name }) => name.startsWith("gpu-operator"))).toEqual([]);
	});
});
