import { describe, expect, test } from "vitest";
import { labStack } from "../../../../fixtures/lab.ts";
import { lab, named, namespaceType, objects, platform, policyType } from "../platform-lab.ts";

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

	test("have a default deny in both directions, DNS, and a default ServiceAccount without a token", () => {
		const names = objects.filter(({ type }) => type === namespaceType).map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(Object.keys(labStack().platform.namespaces)));
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

	test("have the level of the stack file, and ingress only when it says so", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			Object.assign(namespaces.ollama!, { podSecurity: "baseline", ingress: true });
		});
		expect(named(changed, namespaceType, "ollama").inputs.metadata).toMatchObject({
			labels: { "pod-security.kubernetes.io/enforce": "baseline" },
		});
		named(changed, policyType, "ollama-allow-ingress");
		expect(lab.some(({ name }) => name === "ollama-allow-ingress")).toBe(false);
	});

	test("restrict Traefik to the ports that the stack file names", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			namespaces.openwebui!.ingress = { ports: [8080] };
		});
		const ports = [{ protocol: "TCP", port: 8080 }];
		const policy = (name: string) => named(changed, policyType, name).inputs.spec;
		expect(policy("openwebui-allow-ingress")).toMatchObject({ ingress: [{ ports }] });
		expect(policy("traefik-allow-backends")).toMatchObject({ egress: [{ ports }] });
	});
});

describe("the quota of a workload namespace", () => {
	const quotaType = "kubernetes:core/v1:ResourceQuota";
	const limitRangeType = "kubernetes:core/v1:LimitRange";

	test("has the lab's storage, and defaults for containers that request nothing", () => {
		const names = objects.filter(({ type }) => type === quotaType).map(({ name }) => name);
		expect(names.sort()).toEqual(
			["data-pipeline", "monitoring", "observatory-core", "ollama", "openwebui"].map((name) => `${name}-quota`),
		);
		const quota = named(objects, quotaType, "ollama-quota");
		expect(quota.inputs).toMatchObject({
			metadata: { name: "quota", namespace: "ollama" },
			spec: {
				hard: {
					"requests.storage": "500Gi",
					persistentvolumeclaims: "10",
					// The sum over all five workers.
					pods: "550",
					"requests.cpu": "56",
					"requests.memory": "224Gi",
				},
			},
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

	test("limits pods, CPU and memory to the stack file's numbers", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			Object.assign(namespaces.ollama!.quota, { pods: 20, cpus: 8, memoryGiB: 48 });
		});
		expect(named(changed, quotaType, "ollama-quota").inputs.spec).toEqual({
			hard: {
				"requests.storage": "500Gi",
				persistentvolumeclaims: "10",
				pods: "20",
				"requests.cpu": "8",
				"requests.memory": "48Gi",
			},
		});
	});
});

describe("Services that bypass the ingress or lead out of the cluster", () => {
	const policyOfAdmission = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
	const labels = (of: typeof objects, name: string) =>
		(named(of, namespaceType, name).inputs.metadata as { labels: object }).labels;

	test("are refused in every namespace except the platform's own, after the others have their labels", () => {
		named(objects, policyOfAdmission, "service-types");
		const binding = named(objects, `${policyOfAdmission}Binding`, "service-types");
		expect(binding.inputs.spec).toMatchObject({
			policyName: "service-types",
			validationActions: ["Deny"],
			matchResources: {
				namespaceSelector: {
					matchExpressions: [
						{
							key: "kubernetes.io/metadata.name",
							operator: "NotIn",
							values: [
								"kube-system",
								"traefik",
								"cert-manager",
								"metallb-system",
								"gpu-operator",
								"gpu-smoke-test",
								"network-check",
							],
						},
					],
				},
			},
		});
		expect(binding.dependsOn).toEqual(expect.arrayContaining(["service-types", "ollama", "monitoring"]));
	});

	test("are allowed by a label when the stack file says so, or when scrapers outside need a NodePort", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			namespaces.openwebui!.services = ["LoadBalancer", "ExternalName"];
			namespaces.ollama!.metricsPorts = [9090];
		});
		expect(labels(changed, "openwebui")).toMatchObject({
			"services.rke2-lab/LoadBalancer": "allowed",
			"services.rke2-lab/ExternalName": "allowed",
		});
		expect(labels(changed, "ollama")).toMatchObject({ "services.rke2-lab/NodePort": "allowed" });
		expect(Object.keys(labels(changed, "monitoring")).filter((key) => key.startsWith("services."))).toEqual([]);
	});
});
