import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { firstServer } from "./support/cluster.ts";

const database = "/var/lib/rancher/rke2/server/db/etcd/member/snap/db";

/** RKE2 goes on trying to start, as after a power cut that damaged the file. */
const damage = [
	"systemctl stop rke2-server",
	"/usr/local/bin/rke2-killall.sh",
	`dd if=/dev/urandom of=${database} bs=4096 count=64 conv=notrunc`,
	"systemctl start --no-block rke2-server",
];

export const corruptMember: Scenario = {
	name: "corrupt-member",
	description:
		"The database of etcd on one server is damaged: a rollout is refused, and `up` replaces the server without an outage.",
	outage: "none",

	async run(cluster) {
		const { rehearsal } = cluster;
		const corrupt = await cluster.bystander(firstServer);
		await rehearsal.onNode(corrupt, `sh -c '(${damage.join("; ")}) >/dev/null 2>&1'`);
		const before = await cluster.processes();
		assert.match(
			await cluster.upFails(cluster.changeOfServers()),
			new RegExp(
				`${firstServer}: converge: etcd of ${corrupt} does not answer at .* repair the other server first`,
				"m",
			),
		);
		await cluster.restartedSince({ [firstServer]: before[firstServer]! }, []);
		const host = cluster.hostOf(corrupt);
		await cluster.upSucceeds({ nodes: { [corrupt]: { host: host === "node05" ? "node04" : "node05" } } });
		await cluster.becomesHealthy();
	},
};
