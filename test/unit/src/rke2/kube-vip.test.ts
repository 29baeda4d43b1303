import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { labStack } from "../../../fixtures/lab.ts";
import { filesOf } from "./rendered-files.ts";

describe("kube-vip", () => {
	test("has the image's tag, and its digest when the stack file has one", () => {
		const image = (change: object) =>
			filesOf("proj-k8sm01", labStack({ cluster: { api: { kubeVip: change } } }))
				.get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!
				.content.match(/image: (.*)/)![1];
		expect(image({})).toBe("ghcr.io/kube-vip/kube-vip:v1.2.3");
		expect(image({ version: "v1.2.4", sha256: "a".repeat(64) })).toBe(
			`ghcr.io/kube-vip/kube-vip:v1.2.4@sha256:${"a".repeat(64)}`,
		);
	});

	const text = filesOf("proj-k8sm01").get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!.content;
	const objects = parseAllDocuments(text).map((document) => document.toJS());
	const { spec } = objects.find(({ kind }) => kind === "DaemonSet").spec.template;
	const [{ image, env, securityContext }] = spec.containers;
	const environment = Object.fromEntries(env.map(({ name, value }: { name: string; value?: string }) => [name, value]));

	test("holds the API's address by ARP, only on control planes, and no Service's address", () => {
		expect(spec.nodeSelector).toEqual({ "node-role.kubernetes.io/control-plane": "true" });
		expect(spec.hostNetwork).toBe(true);
		expect(environment).toMatchObject({
			address: "10.25.20.29",
			port: "6443",
			vip_arp: "true",
			cp_enable: "true",
			svc_enable: "false",
		});
		expect(image).toMatch(/:v\d+\.\d+\.\d+$/);
	});

	test("uses the API server of its own node, so that the address leaves a server with a dead API", () => {
		expect(environment).toMatchObject({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "6443" });
	});

	test("serves its metrics only to its own node", () => {
		expect(environment).toMatchObject({ prometheus_server: "127.0.0.1:2112" });
	});

	test("tolerates a pause of some seconds by default, and has the lease of the stack file", () => {
		const lease = (change: object) =>
			filesOf("proj-k8sm01", labStack({ cluster: { api: { kubeVip: change } } }))
				.get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!
				.content.match(/vip_(leaseduration|renewdeadline|retryperiod)\n +value: "(\d+)"/g)!
				.map((text) => text.replace(/^vip_|\n +value:|"/g, ""));
		expect(lease({})).toEqual(["leaseduration 15", "renewdeadline 10", "retryperiod 2"]);
		expect(lease({ leaseDuration: 30, renewDeadline: 20, retryPeriod: 4 })).toEqual([
			"leaseduration 30",
			"renewdeadline 20",
			"retryperiod 4",
		]);
	});

	test("has only the privileges for holding an address", () => {
		expect(objects.map(({ kind }) => kind)).toEqual(["ServiceAccount", "Role", "RoleBinding", "DaemonSet"]);
		expect(objects[1].rules).toEqual([
			expect.objectContaining({ apiGroups: ["coordination.k8s.io"], resources: ["leases"] }),
		]);
		expect(securityContext.capabilities).toEqual({ drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] });
	});
});
