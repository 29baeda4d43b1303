/** Changes that a running cluster does not support are refused in the preview, with the action to take. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { errors, nodesOnly } from "./support/scenario.ts";

const server = "proj-k8sm01";
const network = { podCidr: "10.44.0.0/16", canal: { mtu: 1400 } };
const networkRefused = [
	"cluster.podCidr is 10.42.0.0/16 on this cluster and cannot become 10.44.0.0/16 while it runs; set the old value again, or build a new cluster",
	"cluster.canal.mtu is 1450 on this cluster and cannot become 1400 while it runs; set the old value again, or build a new cluster",
];
const minorSkipped =
	"cluster.version v1.37.0+rke2r1 skips a minor after the v1.35.7+rke2r1 that runs here; upgrade to 1.36 first";
const minorLowered =
	"cluster.version v1.34.10+rke2r1 is an older minor than the v1.35.7+rke2r1 that runs here, and etcd cannot go back; name a snapshot of 1.34 in cluster.restore too";

describe("a running cluster", () => {
	let rehearsal: Rehearsal;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-unsupported",
			stack: "lab",
			policies: false,
			change: nodesOnly(server, "proj-k8sw01"),
			say: () => undefined,
		});
		expect(errors(await rehearsal.up())).toEqual([]);
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test.each([
		[
			"a skipped minor and another network",
			{ version: "v1.37.0+rke2r1", ...network },
			[minorSkipped, ...networkRefused],
		],
		[
			"an older minor and another network",
			{ version: "v1.34.10+rke2r1", ...network },
			[minorLowered, ...networkRefused],
		],
	])("refuses %s in one error of the preview", async (_, cluster, sentences) => {
		const preview = await rehearsal.preview({ cluster });
		expect(preview.succeeded).toBe(false);
		expect(refusals(preview)).toEqual([refusal(sentences)]);
	});

	test("accepts the next minor and a lower patch", async () => {
		for (const version of ["v1.36.0+rke2r1", "v1.35.1+rke2r1"]) {
			expect(errors(await rehearsal.preview({ cluster: { version } }))).toEqual([]);
		}
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("refuses another network in an up without a preview, and its nodes do not change", async () => {
		const before = await rehearsal.onNode(server, files);
		const up = await rehearsal.up({ cluster: network });
		expect(refusals(up)).toEqual([refusal(networkRefused)]);
		expect(changeCount(up)).toBe(0);
		expect(await rehearsal.onNode(server, files)).toBe(before);
	});

	test.each([
		["v1.37.0+rke2r1", minorSkipped, undefined],
		// A worker has no etcd, so it may go back. The mirror does not have this release.
		["v1.34.10+rke2r1", minorLowered, /^proj-k8sw01: prepare: (?:downloading RKE2 |\S+ cannot be downloaded$)/],
	])("refuses %s on the nodes in an up without a preview, before the download", async (version, sentence, worker) => {
		const before = await rehearsal.onNode(server, files);
		const up = await rehearsal.up({ cluster: { version } });
		// The nodes are asked at the same time, and the engine stops at the first refusal.
		const refused =
			errors(up)
				.join("\n")
				.match(/proj-k8s[mw]0\d: prepare: .+/g) ?? [];
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.filter((line) => !line.endsWith(`: prepare: ${sentence}`) && !worker?.test(line))).toEqual([]);
		// The preflight ran on the node, and changed nothing there.
		const done = up.steps.filter(({ operation, phase }) => operation !== "same" && phase === "succeeded");
		expect(done.filter(({ urn }) => !urn.endsWith("-preflight"))).toEqual([]);
		expect(await rehearsal.onNode(server, files)).toBe(before);
	});

	test("refuses a change when its node differs from the state", async () => {
		const config = "/etc/rancher/rke2/config.yaml";
		await rehearsal.onNode(server, `sed -i 's|^cluster-cidr: .*|cluster-cidr: 10.99.0.0/16|' ${config}`);
		const up = await rehearsal.up({ cluster: { etcdSnapshots: { retention: 7 } } });
		expect(errors(up).join("\n")).toContain(
			`${server}: converge: cluster.podCidr is 10.99.0.0/16 on this cluster and cannot become 10.42.0.0/16 while it runs`,
		);
		expect(await rehearsal.onNode(server, `cat ${config}`)).toContain("etcd-snapshot-retention: 28");
		await rehearsal.onNode(server, `sed -i 's|^cluster-cidr: .*|cluster-cidr: 10.42.0.0/16|' ${config}`);
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("can be followed by a cluster with other values when it is destroyed", async () => {
		expect(errors(await rehearsal.destroy())).toEqual([]);
		const preview = await rehearsal.preview({ cluster: { version: "v1.37.0+rke2r1", ...network } });
		expect(errors(preview)).toEqual([]);
		expect(preview.changes).toMatchObject({ update: 0, replace: 0, delete: 0 });
	});
});

const files = "sh -c 'cat /etc/rancher/rke2/config.yaml /var/lib/rke2-lab/installed; ls -R /var/lib/rke2-lab/releases'";

/** The one error of the first node of the chain. */
function refusal(sentences: readonly string[]): string {
	return `${server}-converge: before hook "cluster-unsupported-changes" failed: ${sentences.join("\n")}`;
}

/** Errors of resources, without the prefix of a preview. */
function refusals({ diagnostics }: EngineResult): string[] {
	return diagnostics
		.filter(({ severity, urn }) => severity === "error" && urn)
		.map(({ urn, message }) => `${urn!.split("::").at(-1)}: ${message.replace(/^Preview failed: /, "")}`);
}
