import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Scenario } from "./scenario.ts";
import { firstServer, servers } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";

const script = readFileSync(new URL("support/expire-certificates.sh", import.meta.url)).toString("base64");

export const certificatesExpired: Scenario = {
	name: "certificates-expired",
	description:
		"RKE2's certificates end on all control planes: `up` changes nothing and says why, and goes on after a restart of RKE2.",
	outage: "allowed",

	async run(cluster) {
		const { rehearsal } = cluster;
		const before = await cluster.processes();
		for (const server of servers) {
			await rehearsal.onNode(server, `sh -c 'echo ${script} | base64 -d | sh'`);
		}
		await eventually(async () => {
			await assert.rejects(rehearsal.kubectl("get", "nodes"));
		});
		assert.match(
			await cluster.upFails(cluster.changeOfServers()),
			new RegExp(
				`${firstServer}: converge: RKE2's certificates on this server ended on Jan +1 .* 2025 GMT, so nothing was changed; `,
			),
		);
		await cluster.restartedSince(before, []);

		// docs/operations/kubeconfig.md
		for (const server of servers) {
			await rehearsal.onNode(server, "systemctl restart --no-block rke2-server");
		}
		await cluster.becomesHealthy();
		await cluster.upSucceeds();
	},
};
