import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { every } from "../process/retry.ts";
import type { EtcdClient } from "./client.ts";
import { nodeOf } from "./join.ts";

// RKE2 checks every 15 s. A rehearsal need not wait so long.
const promoteInterval = 1_000;
const removeInterval = 2_000;

/** On the etcd leader: promotes a learner as soon as etcd accepts that it is in sync. */
export function promoteLearners(etcd: EtcdClient, signal: AbortSignal): void {
	every(promoteInterval, signal, "promoting etcd learners", async () => {
		const status = await etcd.status();
		if (status.leader !== status.header.member_id) {
			return;
		}
		for (const member of await etcd.members(false)) {
			if (!member.isLearner || !member.name) {
				continue;
			}
			try {
				await etcd.promote(member.ID);
				log.info(`Learner ${member.name} was promoted to voting member`);
			} catch (error) {
				// The learner is not in sync with the leader yet: the next round tries again.
				if (!/in sync with leader/.test(messageOf(error))) {
					throw error;
				}
			}
		}
	});
}

/** On the etcd leader: removes the member whose Node object was deleted, which is how a server leaves the cluster. */
export function removeMembersOfDeletedNodes(etcd: EtcdClient, kube: KubeClient, signal: AbortSignal): void {
	let seen = new Set<string>();
	every(removeInterval, signal, "removing etcd members of deleted nodes", async () => {
		const { items } = await kube.get<{ items: KubeObject[] }>(
			"/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fetcd%3Dtrue",
		);
		const present = new Set(items.map((node) => node.metadata.name));
		const gone = [...seen].filter((name) => !present.has(name));
		if (gone.length > 0) {
			const status = await etcd.status();
			for (const member of await etcd.members()) {
				const node = nodeOf(member.name ?? "");
				if (!gone.includes(node) || status.leader !== status.header.member_id) {
					continue;
				}
				log.info(`Removing name=${member.name} id=${member.ID} address=${member.peerURLs[0]} from etcd`);
				await etcd.remove(member.ID);
			}
		}
		seen = present;
	});
}
