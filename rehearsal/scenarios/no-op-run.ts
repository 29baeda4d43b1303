import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { type ScenarioCluster, servers, workers } from "./support/cluster.ts";

export const noOpRun: Scenario = {
	name: "no-op-run",
	description: "`up` without a change opens no SSH connection and writes nothing, neither to Proxmox nor to the API.",
	outage: "none",

	async run(cluster) {
		const before = await seen(cluster);
		await cluster.upSucceeds();
		const after = await seen(cluster);
		assert.deepEqual(after, {
			// The second look opens one connection to each node.
			connections: before.connections.map((count) => count + 1),
			apiChanges: before.apiChanges,
			proxmoxChanges: before.proxmoxChanges,
		});
	},
};

async function seen({ rehearsal }: ScenarioCluster) {
	const counts = await Promise.all(
		[...servers, ...workers].map(async (node) =>
			(await rehearsal.onNode(node, countBoth)).trim().split("\n").map(Number),
		),
	);
	return {
		connections: counts.map(([connections = 0]) => connections),
		apiChanges: counts.map(([, changes]) => changes),
		proxmoxChanges: await rehearsal.datacenter.changes(),
	};
}

/** Different addresses and ports of clients in sshd's journal, also of those that did not log in. */
const connections = [
	"journalctl --output cat --identifier sshd --identifier sshd-session",
	'grep -oE "(from|by|port) [0-9.]+ port [0-9]+"',
	'cut -d" " -f2-',
	"sort -u",
	"wc -l",
];

/** Changes by the administrator in the audit log, without those of the client. A dry run changes nothing. Workers have no log. */
const administratorsChanges = [
	'grep -sF "\\"username\\":\\"system:admin\\"" /var/lib/rancher/rke2/server/logs/audit.log',
	'grep -E "\\"verb\\":\\"(create|update|patch|delete|deletecollection)\\""',
	'grep -vcE "dryRun=All|client-history"',
];

// In one connection, which is one of those that are counted.
const countBoth = `sh -c '${connections.join(" | ")}; ${administratorsChanges.join(" | ")} || true'`;
