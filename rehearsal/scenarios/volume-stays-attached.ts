import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./scenario.ts";
import { thirdWorker, withoutThirdWorker, withThirdWorker } from "./support/third-worker.ts";

const manifest = fileURLToPath(new URL("support/attached-volume.yaml", import.meta.url));

export const volumeStaysAttached: Scenario = {
	name: "volume-stays-attached",
	description:
		"A worker that leaves still has a volume of a storage system: it stays a member with its VM, takes pods again, and leaves later.",
	outage: "none",

	async run(cluster) {
		const { rehearsal } = cluster;
		const drain = { timeoutSeconds: 10, gracePeriodSeconds: 5 };
		await cluster.upSucceeds({ ...withThirdWorker(cluster), cluster: { drain } });
		await rehearsal.kubectl("apply", "--filename", manifest);
		const machines = await rehearsal.datacenter.inventory();
		assert.match(
			await cluster.upFails(withoutThirdWorker),
			new RegExp(
				`${thirdWorker} cannot leave: its pods have left, but these volumes have not been detached within 10 s, so the node takes pods again and it is still a member; volume \\(csi\\.lab\\.test\\); `,
			),
		);
		assert.deepEqual(await cluster.cordoned(), []);
		assert.ok(thirdWorker in (await cluster.kubelets()), "the worker has left the cluster");
		assert.deepEqual(await rehearsal.datacenter.inventory(), machines);

		await rehearsal.kubectl("delete", "--filename", manifest);
		await cluster.upSucceeds({ cluster: { drain: null } });
	},
};
