import type { ServerSettings } from "../config/settings.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { adoptNodePassword } from "../node/password.ts";
import { every } from "../process/retry.ts";

const intervalMs = 3_000;

const roleLabels = {
	"node-role.kubernetes.io/control-plane": "true",
	"node-role.kubernetes.io/etcd": "true",
};

/** Labels this server's own Node with its roles, which a kubelet may not do, and makes Nodes the owners of their passwords. */
export function manageNodes(
	kube: KubeClient,
	settings: ServerSettings,
	etcdMember: { name: string; address: string },
	signal: AbortSignal,
): void {
	const adopted = new Set<string>();
	every(intervalMs, signal, "managing nodes", async () => {
		const { items } = await kube.get<{ items: KubeObject[] }>("/api/v1/nodes");
		for (const { metadata } of items) {
			const { name, uid = "" } = metadata;
			if (name === settings.nodeName && Object.keys(roleLabels).some((label) => metadata.labels?.[label] !== "true")) {
				await labelServer(kube, name, etcdMember);
			}
			if (adopted.has(uid)) {
				continue;
			}
			await adoptNodePassword(kube, { name, uid });
			adopted.add(uid);
		}
	});
}

async function labelServer(kube: KubeClient, name: string, member: { name: string; address: string }): Promise<void> {
	await kube.patch(`/api/v1/nodes/${name}`, {
		metadata: {
			labels: roleLabels,
			annotations: {
				"etcd.rke2.cattle.io/node-name": member.name,
				"etcd.rke2.cattle.io/node-address": member.address,
			},
		},
	});
}
