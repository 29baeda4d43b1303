import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers } from "./support/cluster.ts";

const manifest = fileURLToPath(new URL("support/pod-with-a-finalizer.yaml", import.meta.url));

export const podWithAFinalizer: Scenario = {
	name: "pod-with-a-finalizer",
	description:
		"A pod on a server ends and does not go: the drain names it within its limit, the server takes pods again, and `up` goes on later.",
	outage: "none",

	async run(cluster) {
		const { rehearsal } = cluster;
		await rehearsal.kubectl("apply", "--filename", manifest);
		await rehearsal.kubectl("wait", "pod/stays", "--namespace", "stays", "--for=condition=Ready", "--timeout=60s");
		const before = await cluster.processes();
		const change = cluster.changeOfServers({ drain: { timeoutSeconds: 15, gracePeriodSeconds: 5 } });
		assert.match(
			await cluster.upFails(change),
			new RegExp(
				`^${firstServer}-converge: .*${firstServer}: converge: these pods have not left within 15 s, so the node takes pods again and nothing was changed; .*stays/stays: has been ending since `,
				"ms",
			),
		);
		await cluster.restartedSince(before, []);
		assert.deepEqual(await cluster.cordoned(), []);
		const withoutFinalizers = JSON.stringify({ metadata: { finalizers: null } });
		await rehearsal.kubectl("patch", "pod/stays", "--namespace", "stays", "--type=merge", "--patch", withoutFinalizers);
		await rehearsal.kubectl("delete", "namespace", "stays", "--timeout=60s");
		await cluster.upSucceeds({ cluster: { drain: null } });
		await cluster.restartedSince(before, servers);
	},
};
