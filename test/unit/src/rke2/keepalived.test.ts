import { describe, expect, test } from "vitest";
import { labStack } from "../../../fixtures/lab.ts";
import { filesOf } from "./rendered-files.ts";

const kubeVip = "/var/lib/rancher/rke2/server/manifests/kube-vip.yaml";
const keepalived = "/etc/keepalived/keepalived.conf";

describe("keepalived", () => {
	const held = labStack({ cluster: { api: { mode: "keepalived", virtualRouterId: 29 } } });
	const text = filesOf("proj-k8sm02", held).get(keepalived)!.content;

	test("moves the address instead of kube-vip, on control planes only", () => {
		expect(filesOf("proj-k8sm02", held).has(kubeVip)).toBe(false);
		expect(filesOf("proj-k8sw01", held).has(keepalived)).toBe(false);
		expect(filesOf("proj-k8sm02").has(keepalived)).toBe(false);
		expect(text).toContain("10.25.20.29/32 dev eth0");
		expect(text).toContain("virtual_router_id 29");
	});

	test("has the same configuration on all control planes, except for names and addresses", () => {
		const alike = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((name) =>
			filesOf(name, held)
				.get(keepalived)!
				.content.replace(`router_id ${name}`, "router_id NODE")
				.replace(`mcast_src_ip ${held.nodes[name]!.address}`, "mcast_src_ip ADDRESS"),
		);
		expect(new Set(alike).size).toBe(1);
		expect(alike[0]).toContain("router_id NODE\n");
		expect(alike[0]).toContain("mcast_src_ip ADDRESS\n");
	});

	test("takes the address from no working server, because priorities and weights are equal", () => {
		expect(text).toMatch(/^\tstate BACKUP\n\tnopreempt\n/m);
		expect(text).not.toContain("weight");
	});

	test("checks the server's own API, with the kubelet's identity, and its own registration of nodes", () => {
		const scripts = [...text.matchAll(/^\tscript "(.*)"$/gm)].map(([, script]) => script!);
		expect(scripts).toEqual([
			expect.stringMatching(/^\/usr\/bin\/curl .* https:\/\/127\.0\.0\.1:6443\/readyz$/),
			expect.stringMatching(/^\/usr\/bin\/curl .* https:\/\/127\.0\.0\.1:9345\/cacerts$/),
		]);
		for (const script of scripts) {
			expect(script).toContain("--cacert /var/lib/rancher/rke2/agent/server-ca.crt");
			expect(script).toContain("--cert /var/lib/rancher/rke2/agent/client-kubelet.crt");
			expect(script).not.toContain("--insecure");
		}
	});

	test("detects a dead server early enough to move the address within 15 seconds", () => {
		const seconds = (key: string) => Number(new RegExp(`^\\t${key} (\\d+)$`, "m").exec(text)![1]);
		const [interval, fall, advertisement] = ["interval", "fall", "advert_int"].map(seconds) as [number, number, number];
		expect(interval * (fall + 1) + 4 * advertisement).toBeLessThan(15);
		expect(text.match(/^\tinit_fail$/gm)).toHaveLength(2);
	});
});
