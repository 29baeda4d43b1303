import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../../src/rke2/files.ts";
import { type ConvergedState, reasonsToRestart } from "../../../../src/rke2/rollout.ts";
import { labStack } from "../../../fixtures/lab.ts";

const [token, registries] = ["a", "b"].map((digit) => digit.repeat(64)) as [string, string];

function stateOf(change: Record<string, unknown>, revisions: string[] = [token], name = "proj-k8sm01"): ConvergedState {
	const stack = labStack(change);
	return { version: stack.cluster.version, files: nodeFiles(stack, name, stack.nodes[name]!), revisions };
}

describe("the reasons to restart RKE2 on a node", () => {
	const runs = stateOf({});

	test.each<[string, ConvergedState, string[]]>([
		["are none when all is as before", stateOf({}), []],
		["are none when only the time to drain differs", stateOf({ cluster: { drain: { timeoutSeconds: 400 } } }), []],
		[
			"name the release",
			stateOf({ cluster: { version: "v1.36.0+rke2r1" } }),
			["RKE2 v1.35.7+rke2r1 becomes v1.36.0+rke2r1"],
		],
		[
			"name RKE2's keys in config.yaml",
			stateOf({ cluster: { etcdMetrics: true } }),
			["/etc/rancher/rke2/config.yaml has other etcd-expose-metrics"],
		],
		[
			"name another file",
			stateOf({ cluster: { canal: { mtu: 1400 } } }),
			["/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml changes"],
		],
		[
			"name another rotation of certificates",
			stateOf({ cluster: { certificateRotation: "2026-11" } }),
			["its certificates are made anew"],
		],
		["name a token", stateOf({}, ["c".repeat(64)]), ["a token changes"]],
		["name the registries", stateOf({}, [token, registries]), ["registries.yaml changes"]],
	])("%s", (_, wanted, reasons) => {
		expect(reasonsToRestart(runs, wanted)).toEqual(reasons);
	});

	test("name a file that comes, and one that goes", () => {
		const without = { ...runs, files: runs.files.filter(({ path }) => !path.endsWith("/kube-vip.yaml")) };
		const path = "/var/lib/rancher/rke2/server/manifests/kube-vip.yaml";
		expect(reasonsToRestart(without, runs)).toEqual([`${path} is new`]);
		expect(reasonsToRestart(runs, without)).toEqual([`${path} is no longer wanted`]);
	});
});
