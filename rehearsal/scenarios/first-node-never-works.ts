import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers } from "./support/cluster.ts";

const folder = "/etc/systemd/system/rke2-server.service.d";

export const firstNodeNeverWorks: Scenario = {
	name: "first-node-never-works",
	description:
		"RKE2 does not start again on the first server of a rollout: no other node is touched, and `up` goes on when the reason is gone.",
	outage: "none",

	async run(cluster) {
		const { rehearsal } = cluster;
		await cluster.lead(firstServer);
		const setting = "[Service]\\nExecStartPre=/bin/false\\n";
		await rehearsal.onNode(
			firstServer,
			`sh -c 'mkdir --parents ${folder} && printf "${setting}" >${folder}/never.conf'`,
		);
		const before = await cluster.processes();
		assert.match(
			await cluster.upFails(cluster.changeOfServers()),
			new RegExp(`${firstServer}: converge: rke2-server\\.service keeps failing`),
		);
		await cluster.restartedSince(before, [firstServer]);
		await rehearsal.onNode(firstServer, `sh -c 'rm -r ${folder} && systemctl daemon-reload'`);
		await cluster.upSucceeds();
		await cluster.restartedSince(before, servers);
		assert.deepEqual(await cluster.cordoned(), []);
	},
};
