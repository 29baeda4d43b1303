import { describe, expect, test } from "vitest";
import { lab, named, namespaceType, objects, platform, policyType } from "./platform-lab.ts";

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
		expect(names).toHaveLength(10);
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

	test("Traefik may be kept to some ports of a workload's pods", async () => {
		const changed = await platform(({ platform: { namespaces } }) => {
			namespaces.openwebui!.ingress = { ports: [8080] };
		});
		const ports = [{ protocol: "TCP", port: 8080 }];
		const policy = (name: string) => named(changed, policyType, name).inputs.spec;
		expect(policy("openwebui-allow-ingress")).toMatchObject({ ingress: [{ ports }] });
		expect(policy("traefik-allow-backends")).toMatchObject({ egress: [{ ports }] });
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
