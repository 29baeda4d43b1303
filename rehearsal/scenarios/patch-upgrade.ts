import assert from "node:assert/strict";
import { parseVersion } from "../../src/rke2/version.ts";
import { messages } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers, workers } from "./support/cluster.ts";

export const patchUpgrade: Scenario = {
	name: "patch-upgrade",
	description: "RKE2's release changes to a newer patch, with another digest: servers one after another, then workers.",
	outage: "none",

	async run(cluster) {
		const { major, minor, patch } = parseVersion(cluster.version);
		const version = `v${major}.${minor}.${patch + 1}+rke2r1`;
		await cluster.rehearsal.offerRelease(version);
		// The stack file sets the order. The leader of etcd is not last: it gives its place away before it restarts (ADR 39).
		await cluster.lead(firstServer);
		const before = await cluster.processes();
		const up = await cluster.upSucceeds({ cluster: { version } });
		assert.match(messages(up), new RegExp(`^${firstServer}: converge: proj-k8sm0[23] leads etcd now$`, "m"));
		const all = [...servers, ...workers];
		await cluster.restartedSince(before, all);
		assert.deepEqual(await cluster.startOrder(), all);
		assert.deepEqual(await cluster.kubelets(), Object.fromEntries(all.map((node) => [node, version])));
	},
};
