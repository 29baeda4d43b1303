import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { every } from "../process/retry.ts";
import type { EtcdClient } from "./client.ts";
import { nodeOf } from "./join.ts";

// RKE2 checks every 15 s. A rehearsal need not wait so long.
const promoteInterval = 1_000;
const removeInterval = 2_000;

const memberAnnotation = "etcd.rke2.cattle.io/node-name";
const removalAnnotation = "etcd.rke2.cattle.io/remove";
const removedAnnotation = "etcd.rke2.cattle.io/removed-node-name";

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

/**
 * On the etcd leader: removes a member whose Node was deleted, or is annotated for removal and names the member. These are the two
 * ways in which a server leaves the cluster (k3s-io/k3s, pkg/etcd/member_controller.go). The Node gets a second annotation once
 * the member is gone.
 */
export function removeMembers(etcd: EtcdClient, kube: KubeClient, signal: AbortSignal): void {
	let seen = new Set<string>();
	every(removeInterval, signal, "removing etcd members", async () => {
		const { items } = await kube.get<{ items: KubeObject[] }>(
			"/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fetcd%3Dtrue",
		);
		const present = new Set(items.map((node) => node.metadata.name));
		const gone = [...seen].filter((name) => !present.has(name));
		const leaving = items.filter(isToBeRemoved);
		if (gone.length + leaving.length > 0) {
			const status = await etcd.status();
			if (status.leader === status.header.member_id) {
				const named = leaving.map(({ metadata }) => metadata.annotations?.[memberAnnotation]);
				for (const member of await etcd.members()) {
					if (gone.includes(nodeOf(member.name ?? "")) || named.includes(member.name)) {
						log.info(`Removing name=${member.name} id=${member.ID} address=${member.peerURLs[0]} from etcd`);
						await etcd.remove(member.ID);
					}
				}
				for (const { metadata } of leaving) {
					const annotations = { [removedAnnotation]: metadata.annotations?.[memberAnnotation] };
					await kube.patch(`/api/v1/nodes/${metadata.name}`, { metadata: { annotations } });
				}
			}
		}
		seen = present;
	});
}

function isToBeRemoved({ metadata }: KubeObject): boolean {
	const {
		[removalAnnotation]: wanted,
		[memberAnnotation]: member,
		[removedAnnotation]: removed,
	} = metadata.annotations ?? {};
	return wanted === "true" && member !== undefined && removed !== member;
}
