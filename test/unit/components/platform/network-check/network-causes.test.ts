import { describe, expect, test } from "vitest";
import { type CheckPod, explainNetwork } from "../../../../../components/platform/network-check/network-causes.ts";

const nodes = ["server", "left", "right"];
const network = { nodes, backend: "vxlan", image: "docker.io/library/busybox:1.37.0" } as const;
const pods = (...reports: string[]): CheckPod[] =>
	reports.map((report, index) => ({ index, node: nodes[index], report }));

describe("the network check", () => {
	test("has no explanation when every pod reaches the others", () => {
		expect(explainNetwork(pods("", "", ""), network)).toBeUndefined();
	});

	test("names the nodes that do not reach each other, with offload, port and MTU as causes", () => {
		const why = explainNetwork(pods("unreached 2\n", "unreached 2 service\n", "unreached 0 1\n"), network);
		expect(why).toBe(
			"Pods of different nodes do not reach each other: from server to right, from left to right, from left to the Service of all pods, from right to server, from right to left. " +
				"Likely causes: a network interface that computes the checksums of encapsulated packets wrongly (cluster.canal.checksumOffload must be false), " +
				"a firewall, VLAN or Proxmox bridge that drops UDP port 8472 between the nodes, or an MTU that the network does not carry (cluster.canal.mtu, network.mtu).",
		);
	});

	test("names the node that every failure involves, and the port of the backend", () => {
		const why = explainNetwork(pods("unreached 2", "unreached 2", "unreached 0 1"), {
			...network,
			backend: "wireguard",
		});
		expect(why).toContain("Every failure involves right.");
		expect(why).toContain("UDP port 51820");
	});

	test("does not list every pair of a large cluster", () => {
		const many = Array.from({ length: 20 }, (_, index) => `n${index}`);
		const blind = many.map((node, index) => ({ index, node, report: `unreached ${(index + 1) % 20}` }));
		expect(explainNetwork(blind, { ...network, nodes: many })).toContain("from n4 to n5 and 15 more. Likely causes");
	});

	test("distinguishes unresolved names from pods that do not answer", () => {
		const why = explainNetwork(pods("", "unresolved 0 service\n", ""), network);
		expect(why).toMatch(/^Pods on left do not resolve names of the cluster: CoreDNS/);
		expect(why).not.toContain("checksums");
	});

	test("names the node without a pod, and the image that was not pulled", () => {
		const why = explainNetwork(
			[
				{ index: 0, node: "server", report: "" },
				{ index: 1, node: "left", report: "", waiting: "ImagePullBackOff" },
				{ index: 2, report: "" },
			],
			network,
		);
		expect(why).toContain("has no pod on right: the node is cordoned");
		expect(why).toContain("does not start on left (ImagePullBackOff): docker.io/library/busybox:1.37.0 has to come");
	});
});
