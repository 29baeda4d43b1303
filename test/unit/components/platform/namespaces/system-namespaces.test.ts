import { expect, test } from "vitest";
import { named, objects, policyType } from "../platform-lab.ts";

const patchType = "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch";

test("kube-system has its allowed destinations before the rest is denied", () => {
	const allowed = ["allow-api-server", "allow-upstream-dns", "allow-kubelets"].map((name) => `kube-system-${name}`);
	const denied = named(objects, policyType, "kube-system-default-deny-egress");
	expect(denied.inputs.spec).toEqual({ podSelector: {}, policyTypes: ["Egress"] });
	expect(denied.dependsOn).toEqual(expect.arrayContaining(allowed));
	expect(named(objects, policyType, "kube-system-allow-upstream-dns").inputs.spec).toMatchObject({
		podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
		egress: [{ to: [{ ipBlock: { cidr: "10.25.20.3/32" } }, { ipBlock: { cidr: "10.25.10.3/32" } }] }],
	});
});

test.each(["default", "kube-public", "kube-node-lease"])(
	"%s, in which no pod should run, sends and receives nothing",
	(name) => {
		expect(named(objects, policyType, `${name}-default-deny-all`).inputs).toMatchObject({
			metadata: { name: "default-deny-all", namespace: name },
			spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
		});
	},
);

test.each(["dns", "metrics-server"])(
	"RKE2's own policy for %s gets its sources, and keeps its rule when the patch is deleted",
	(of) => {
		const name = `default-network-${of}-policy`;
		const patch = named(objects, patchType, `kube-system-${name}`);
		expect(patch.inputs).toMatchObject({
			metadata: { name, namespace: "kube-system", annotations: { "pulumi.com/patchForce": "true" } },
		});
		expect(Object.keys(patch.inputs.spec as object)).toEqual(["ingress"]);
		expect(patch.retainOnDelete).toBe(true);
	},
);
