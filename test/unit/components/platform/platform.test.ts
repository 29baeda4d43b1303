import { describe, expect, test } from "vitest";
import { named, objects, platform, releaseType } from "./platform-lab.ts";

describe("objects inside the cluster", () => {
	test("end with the cluster, and use its provider", () => {
		expect(objects.length).toBeGreaterThan(50);
		for (const { name, deletedWith, provider } of objects) {
			expect({ name, deletedWith, provider }).toEqual({ name, deletedWith: "cluster", provider: "kubernetes" });
		}
	});

	test("come after all that the Job of the network check needs, when nothing waits for them", () => {
		const placeOf = (type: string, name: string) => objects.indexOf(named(objects, `kubernetes:${type}`, name));
		const services = ["pods", "all"].map((name) => placeOf("core/v1:Service", `network-check-${name}`));
		const later = [placeOf("storage.k8s.io/v1:StorageClass", "local"), placeOf("core/v1:Namespace", "ollama")];
		expect(Math.max(...services)).toBeLessThan(Math.min(...later));
	});

	test("wait for their namespace and its policies", () => {
		const kinds = ["helm.sh/v3:Release", "core/v1:Secret", "cert-manager.io/v1:Certificate"];
		const waiting = objects.filter(({ type }) => kinds.includes(type.replace("kubernetes:", "")));
		expect(new Set(waiting.map(({ type }) => type.replace("kubernetes:", "")))).toEqual(new Set(kinds));
		for (const { name, inputs, dependsOn } of waiting) {
			const { namespace } = (inputs.metadata ?? inputs) as { namespace: string };
			expect(dependsOn, name).toEqual(
				expect.arrayContaining([namespace, `${namespace}-default-deny-all`, `${namespace}-allow-dns`]),
			);
		}
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

	test("come from the mirror when the stack file has one", async () => {
		const mirrored = await platform((stack) => {
			stack.platform.chartMirror = "http://10.25.20.1:8880/charts";
		});
		const repositories = mirrored
			.filter(({ type }) => type === releaseType)
			.map(({ inputs }) => (inputs.repositoryOpts as { repo: string }).repo);
		const releases = objects.filter(({ type }) => type === releaseType);
		expect(repositories).toEqual(releases.map(() => "http://10.25.20.1:8880/charts"));
	});
});
