import { describe, expect, test } from "vitest";
import { kubernetesHostNamespaces } from "../../../policies/rules/kubernetes/host-namespaces.ts";
import { rke2AlwaysPullImages } from "../../../policies/rules/rke2/always-pull-images.ts";
import { rke2OffsiteSnapshots } from "../../../policies/rules/rke2/offsite-snapshots.ts";
import { vmProtectedControlPlanes } from "../../../policies/rules/vm/protected-control-planes.ts";
import { serverConfig } from "./bundle.ts";
import { unknown, violations } from "./run-rule.ts";

const reason = "kube-vip needs it.";
const deployment = {
	type: "kubernetes:apps/v1:Deployment",
	props: {
		metadata: { name: "agent", namespace: "monitoring" },
		spec: { template: { spec: { hostNetwork: true } } },
	},
};
const violation = "Deployment monitoring/agent has hostNetwork; remove it (control 5.2.5).";

describe("an exception covers", () => {
	test("the object that it names, until its last day", () => {
		const exceptions = [{ resource: "Deployment monitoring/agent", reason, expires: "2026-12-01" }];
		expect(violations(kubernetesHostNamespaces, deployment, { exceptions, today: "2026-12-01" })).toEqual([]);
	});

	test("the resources that its pattern matches", () => {
		const exceptions = [{ resource: "*-converge", reason, expires: "2027-01-01" }];
		expect(violations(rke2AlwaysPullImages, serverConfig("profile: cis\n"), { exceptions })).toEqual([]);
	});
});

describe("an exception for a setting", () => {
	const machine = (name: string, tag: string, protection: boolean) => ({
		type: "proxmoxve:index/vmLegacy:VmLegacy",
		name,
		props: { tags: [tag], protection },
	});
	const expires = "2027-01-01";
	const setting = "proxmox.protectControlPlanes";

	test("covers every machine that the setting affects, or those of one role when it names a role", () => {
		const found = (exception: object) =>
			violations(vmProtectedControlPlanes, machine("k8s-cp2", "control-plane", false), {
				exceptions: [{ ...exception, reason, expires }],
			}).length;
		expect(found({ setting })).toBe(0);
		expect(found({ setting, role: "control-plane" })).toBe(0);
		expect(found({ setting, role: "worker" })).toBe(1);
		expect(found({ setting, resource: "proj-k8sm*" })).toBe(1);
	});

	test("covers no other violation of the same policy", () => {
		const exceptions = [{ setting: "cluster.etcdSnapshots.s3", reason, expires }];
		const evaluated = (config: string) => violations(rke2OffsiteSnapshots, serverConfig(config), { exceptions });
		expect(evaluated("profile: cis\n")).toEqual([]);
		expect(evaluated("etcd-s3: true\n")).toEqual([expect.stringContaining("has etcd-s3 without a store")]);
	});

	test("is in the message when it has expired", () => {
		const exceptions = [{ setting, role: "control-plane" as const, reason, expires: "2026-11-30" }];
		expect(
			violations(vmProtectedControlPlanes, machine("k8s", "control-plane", false), { exceptions, today: "2026-12-01" }),
		).toEqual([
			"Machine k8s carries an etcd member and is not protected from deletion; set proxmox.protectControlPlanes (protection: true on the machine). Its exception for each control-plane with the setting proxmox.protectControlPlanes expired on 2026-11-30; correct it or renew the exception.",
		]);
	});
});

describe("an exception does not cover", () => {
	test("an object of another namespace or a longer name", () => {
		const exceptions = ["Deployment default/agent", "Deployment monitoring/agen", "Deployment.monitoring/agent"].map(
			(resource) => ({ resource, reason, expires: "2027-01-01" }),
		);
		expect(violations(kubernetesHostNamespaces, deployment, { exceptions })).toEqual([violation]);
	});

	test("anything when it names neither a resource nor a setting", () => {
		expect(
			violations(kubernetesHostNamespaces, deployment, { exceptions: [{ reason, expires: "2027-01-01" }] }),
		).toEqual([violation]);
	});

	test("another control than its own", () => {
		const exceptions = [{ resource: "Deployment monitoring/agent", control: "5.2.5", reason, expires: "2027-01-01" }];
		const spec = { template: { spec: { hostNetwork: true, hostPID: true } } };
		const sharing = { ...deployment, props: { ...deployment.props, spec } };
		expect(violations(kubernetesHostNamespaces, sharing, { exceptions })).toEqual([
			"Deployment monitoring/agent has hostPID; remove it (control 5.2.3).",
		]);
	});

	test("any object after its last day, which the message names", () => {
		const exceptions = [{ resource: "Deployment monitoring/*", reason, expires: "2026-11-30" }];
		expect(violations(kubernetesHostNamespaces, deployment, { exceptions, today: "2026-12-01" })).toEqual([
			`${violation} Its exception for Deployment monitoring/* expired on 2026-11-30; correct it or renew the exception.`,
		]);
	});

	test("a violation that could not be decided", () => {
		const exceptions = [{ resource: "Deployment *", reason, expires: "2027-01-01" }];
		const computed = { ...deployment, props: { ...deployment.props, spec: unknown } };
		expect(violations(kubernetesHostNamespaces, computed, { exceptions })).toEqual([
			expect.stringContaining("spec is not known at preview"),
		]);
	});
});
