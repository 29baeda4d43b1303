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
			Object.assign(namespaces.ollama!, { podSecurity: "baseline", ingress: true });
		});
		expect(named(changed, namespaceType, "ollama").inputs.metadata).toMatchObject({
			labels: { "pod-security.kubernetes.io/enforce": "baseline" },
		});
		named(changed, policyType, "ollama-allow-ingress");
		expect(lab.some(({ name }) => name === "ollama-allow-ingress")).toBe(false);
	});
});

describe("what a workload namespace may consume", () => {
	const quotaType = "kubernetes:core/v1:ResourceQuota";
	const limitRangeType = "kubernetes:core/v1:LimitRange";

	test("each has the lab's quota of storage, and defaults for containers that say nothing", () => {
		const names = objects.filter(({ type }) => type === quotaType).map(({ name }) => name);
		expect(names.sort()).toEqual(
			["data-pipeline", "monitoring", "observatory-core", "ollama", "openwebui"].map((name) => `${name}-quota`),
		);
		const quota = named(objects, quotaType, "ollama-quota");
		expect(quota.inputs).toMatchObject({
			metadata: { name: "quota", namespace: "ollama" },
			spec: { hard: { "requests.storage": "500Gi", persistentvolumeclaims: "10" } },
		});
		expect(quota.dependsOn).toContain("ollama");
		expect(named(objects, limitRangeType, "ollama-container-defaults").inputs).toMatchObject({
			metadata: { namespace: "ollama" },
			spec: {
				limits: [
					{
						type: "Container",
						defaultRequest: { cpu: "100m", memory: "128Mi" },
						default: { memory: "1Gi" },
					},
				],
			},
		});
	});

	test("CPU and memory are limited where the stack file says so", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			Object.assign(namespaces.ollama!.quota, { cpus: 8, memoryGiB: 48 });
		});
		expect(named(changed, quotaType, "ollama-quota").inputs.spec).toEqual({
			hard: {
				"requests.storage": "500Gi",
				persistentvolumeclaims: "10",
				"requests.cpu": "8",
				"requests.memory": "48Gi",
			},
		});
	});
});

describe("storage", () => {
	const volumes = (registrations: Registration[]) =>
		registrations.filter(
			({ type, name }) => type === "kubernetes:core/v1:PersistentVolume" && name.startsWith("proj-k8sw02"),
		);
	const withDisk = (dataDiskGiB: number) =>
		platform((stack) => {
			stack.nodes["proj-k8sw02"]!.dataDiskGiB = dataDiskGiB;
			stack.platform.storage.volumeGiB = 100;
		});

	test("claims get a local volume without asking, on the node that their pod fits on", () => {
		expect(named(objects, "kubernetes:storage.k8s.io/v1:StorageClass", "local").inputs).toMatchObject({
			metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
			provisioner: "kubernetes.io/no-provisioner",
			volumeBindingMode: "WaitForFirstConsumer",
		});
	});

	test("a data disk is as many volumes as fit, each tied to its node and kept with its data", async () => {
		const found = volumes(await withDisk(330));
		expect(found.map(({ name }) => name)).toEqual([
			"proj-k8sw02-volume-01",
			"proj-k8sw02-volume-02",
			"proj-k8sw02-volume-03",
		]);
		expect(found[2]!.inputs.spec).toEqual({
			capacity: { storage: "100Gi" },
			accessModes: ["ReadWriteOnce"],
			storageClassName: "local",
			persistentVolumeReclaimPolicy: "Retain",
			local: { path: "/mnt/data/volume-03" },
			nodeAffinity: {
				required: {
					nodeSelectorTerms: [
						{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["proj-k8sw02"] }] },
					],
				},
			},
		});
	});

	test("a larger disk brings further volumes and leaves the others as they are", async () => {
		const [before, after] = [volumes(await withDisk(330)), volumes(await withDisk(450))];
		expect(after.slice(0, before.length)).toEqual(before);
		expect(after).toHaveLength(before.length + 1);
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

	describe("Traefik's way in", () => {
		const values = async (change: (stack: StackConfig) => void) =>
			named(await platform(change), releaseType, "traefik").inputs.values as {
				service: { spec: object };
				ports: Record<"web" | "websecure" | "metrics", object>;
			};

		test("by node ports, behind a proxy that names the client", async () => {
			const { service, ports } = await values(({ platform: { traefik } }) => {
				Object.assign(traefik, { exposure: "nodePort", trustedProxies: ["10.25.20.40/32"] });
			});
			expect(service.spec).toEqual({ type: "NodePort", externalTrafficPolicy: "Local" });
			const proxyProtocol = { trustedIPs: ["10.25.20.40/32"] };
			expect(ports.web).toMatchObject({ port: 8000, nodePort: 30080, proxyProtocol });
			expect(ports.websecure).toMatchObject({ port: 8443, nodePort: 30443, proxyProtocol });
			expect(ports.web).not.toHaveProperty("hostPort");
		});

		test("by an address of MetalLB, with no port of a node taken but for metrics", async () => {
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

		test("waits for MetalLB where it needs an address of it, and only there", async () => {
			const balanced = await platform((stack) => {
				stack.platform.traefik.exposure = "loadBalancer";
				stack.platform.metallb.announce = true;
			});
			const waitsFor = (registrations: Registration[]) =>
				named(registrations, "rke2-lab:platform:Traefik", "traefik").dependsOn;
			expect(waitsFor(balanced)).toEqual(expect.arrayContaining(["metallb", "default-pool", "l2-advert"]));
			expect(waitsFor(lab)).toEqual([]);
		}, 20_000);
	});

	test("every route over HTTPS gets the lab's headers and rate limit", () => {
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

	test("nothing older than TLS 1.2 is spoken, and no cipher without forward secrecy and authenticated encryption", () => {
		const { tlsOptions } = named(objects, releaseType, "traefik").inputs.values as {
			tlsOptions: { default: { minVersion: string; cipherSuites: string[] } };
		};
		expect(tlsOptions.default.minVersion).toBe("VersionTLS12");
		for (const cipher of tlsOptions.default.cipherSuites) {
			expect(cipher).toMatch(/^TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM|CHACHA20_POLY1305)_/);
		}
	});

	test("cert-manager keeps its definitions, runs everything twice with tokens by pod, and asks public resolvers only", () => {
		const token = { automountServiceAccountToken: true, serviceAccount: { automountServiceAccountToken: false } };
		const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true }, ...token };
		expect(named(objects, releaseType, "cert-manager").inputs.values).toMatchObject({
			...pair,
			webhook: pair,
			cainjector: pair,
			startupapicheck: token,
			crds: { enabled: true, keep: true },
			dns01RecursiveNameservers: "1.1.1.1:53,8.8.8.8:53",
			dns01RecursiveNameserversOnly: true,
		});
	});

	test("MetalLB goes without FRR, and under the runtime's seccomp profile", () => {
		const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
		expect(named(objects, releaseType, "metallb").inputs.values).toEqual({
			frrk8s: { enabled: false },
			controller: { securityContext },
			speaker: { frr: { enabled: false }, securityContext },
		});
	});

	test("what finds the cards runs under the runtime's seccomp profile", () => {
		const confined = { podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } } };
		expect(named(objects, releaseType, "gpu-operator").inputs.values).toMatchObject({
			"node-feature-discovery": { master: confined, worker: confined, gc: confined },
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

	test("a staging issuer is beside it, and signs the wildcard certificate where the stack file says so", async () => {
		const staging = named(objects, "kubernetes:cert-manager.io/v1:ClusterIssuer", "letsencrypt-cloudflare-staging");
		expect(staging.inputs.spec).toMatchObject({
			acme: {
				server: "https://acme-staging-v02.api.letsencrypt.org/directory",
				privateKeySecretRef: { name: "letsencrypt-cloudflare-staging-account" },
			},
		});
		const changed = await platform((stack) => {
			stack.platform.certManager.issuer = "staging";
		});
		const certificate = named(changed, "kubernetes:cert-manager.io/v1:Certificate", "wildcard-tls");
		expect(certificate.inputs.spec).toMatchObject({ issuerRef: { name: "letsencrypt-cloudflare-staging" } });
		expect(certificate.dependsOn).toContain("letsencrypt-cloudflare-staging");
	});

	test("challenges are looked up where the stack file says", async () => {
		const changed = await platform((stack) => {
			stack.platform.certManager.recursiveNameservers = ["9.9.9.9"];
		});
		expect(named(changed, releaseType, "cert-manager").inputs.values).toMatchObject({
			dns01RecursiveNameservers: "9.9.9.9:53",
		});
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
	const sliced = (shares: Record<string, number>) =>
		platform(({ nodes }) => {
			for (const [node, timeSlices] of Object.entries(shares)) {
				nodes[node]!.gpu!.timeSlices = timeSlices;
			}
		});
	const configMap = (registrations: Registration[]) =>
		named(registrations, "kubernetes:core/v1:ConfigMap", "time-slicing");

	test("cards are shared node by node; the release names the ConfigMap that says how, and waits for it", async () => {
		const registrations = await sliced({ "proj-k8sw04": 4 });
		const { metadata, data } = configMap(registrations).inputs as {
			metadata: { name: string };
			data: Record<string, string>;
		};
		expect(Object.keys(data).sort()).toEqual(["exclusive", "shared-4"]);
		expect(data["shared-4"]).toContain("replicas: 4");
		expect(data.exclusive).not.toContain("replicas");
		const release = named(registrations, releaseType, "gpu-operator");
		expect(release.inputs.values).toMatchObject({
			devicePlugin: { config: { name: metadata.name, default: "exclusive" } },
		});
		expect(release.dependsOn).toContain("time-slicing");
	});

	test("other shares are another name, because the operator watches the name only", async () => {
		const one = await sliced({ "proj-k8sw04": 2 });
		const other = await sliced({ "proj-k8sw04": 2, "proj-k8sw05": 3 });
		const [before, after] = [one, other].map((all) => (configMap(all).inputs.metadata as { name: string }).name);
		expect(after).not.toBe(before);
	}, 20_000);

	describe("the smoke test", () => {
		const image = `registry.example/cuda:1.0.0@sha256:${"0123456789abcdef".repeat(4)}`;
		const jobType = "kubernetes:batch/v1:Job";
		const tested = (change: (stack: StackConfig) => void = () => {}) =>
			platform((stack) => {
				stack.platform.gpuOperator.smokeTest = { image, timeoutSeconds: 900 };
				change(stack);
			});
		const jobs = (registrations: Registration[]) => registrations.filter(({ type }) => type === jobType);
		const nameOf = ({ inputs }: Registration) => (inputs.metadata as { name: string }).name;
		const lastTest = tested();

		test("is not there unless the stack file asks for it", () => {
			expect(lab.filter(({ name }) => name.includes("smoke-test"))).toEqual([]);
		});

		test("asks for one card on each node that has one, past the taints of that node", async () => {
			const found = jobs(await lastTest);
			expect(found.map(({ name }) => name)).toEqual(["proj-k8sw04-gpu-smoke-test", "proj-k8sw05-gpu-smoke-test"]);
			expect(found[0]!.inputs).toMatchObject({
				metadata: { namespace: "gpu-smoke-test", annotations: { "pulumi.com/replaceUnready": "true" } },
				spec: {
					activeDeadlineSeconds: 900,
					template: {
						spec: {
							restartPolicy: "Never",
							nodeSelector: { "kubernetes.io/hostname": "proj-k8sw04" },
							tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
							containers: [{ image, resources: { limits: { "nvidia.com/gpu": "1" } } }],
						},
					},
				},
			});
		});

		test("waits for the operator, and runs where nothing is allowed but to compute", async () => {
			const registrations = await lastTest;
			expect(named(registrations, "rke2-lab:platform:GpuSmokeTest", "gpu-smoke-test").dependsOn).toContain(
				"gpu-operator",
			);
			const account = named(registrations, "kubernetes:core/v1:ServiceAccount", "gpu-smoke-test");
			expect(account.dependsOn).toContain("gpu-smoke-test-default-deny-all");
			for (const job of jobs(registrations)) {
				expect(job.dependsOn).toEqual(["gpu-smoke-test"]);
			}
			expect(named(registrations, namespaceType, "gpu-smoke-test").inputs).toMatchObject({
				metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
			});
			const policies = registrations.filter(
				({ type, name }) => type === policyType && name.startsWith("gpu-smoke-test-"),
			);
			expect(policies.map(({ name }) => name)).toEqual(["gpu-smoke-test-default-deny-all"]);
		});

		test("has another name, and so runs again, when what it has shown may no longer hold", async () => {
			const before = jobs(await lastTest).map(nameOf);
			const changes: [(stack: StackConfig) => void, number[]][] = [
				[({ platform: { gpuOperator } }) => (gpuOperator.version = "v26.8.0"), [0, 1]],
				[({ cluster }) => (cluster.version = "v1.35.8+rke2r1"), [0, 1]],
				[({ nodes }) => (nodes["proj-k8sw05"]!.gpu!.timeSlices = 2), [1]],
				[({ nodes }) => (nodes["proj-k8sw01"]!.memoryGiB = 16), []],
			];
			for (const [change, again] of changes) {
				const after = jobs(await tested(change)).map(nameOf);
				expect(after.flatMap((name, index) => (name === before[index] ? [] : [index]))).toEqual(again);
			}
		}, 60_000);

		test("stays within what Kubernetes allows a Job's name", async () => {
			const long = "a".repeat(63);
			const [job] = jobs(
				await tested((stack) => {
					stack.nodes = { [long]: stack.nodes["proj-k8sw04"]!, "proj-k8sm01": stack.nodes["proj-k8sm01"]! };
				}),
			);
			expect(nameOf(job!)).toMatch(/^a{54}-[0-9a-f]{8}$/);
		});
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
