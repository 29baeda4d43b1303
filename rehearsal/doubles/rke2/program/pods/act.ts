import type { KubeClient } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { every } from "../process/retry.ts";
import { actForCanal } from "./canal.ts";
import { actForCertManager } from "./cert-manager.ts";
import { reportCards } from "./device-plugin.ts";
import { actForGpuOperator } from "./gpu-operator.ts";
import type { Host } from "./host.ts";
import { actForMetallbController } from "./metallb-controller.ts";
import { runNetworkChecks } from "./network-check.ts";
import { actForNodeFeatureDiscovery } from "./node-feature-discovery.ts";
import { isLabelled, type Pod, readyPods } from "./pod.ts";
import { serviceAccounts } from "./service-account.ts";

const INTERVAL = 2_000;

/** Does once what a pod does all the time, with the rights of its ServiceAccount. */
type Act = (pod: Pod, api: KubeClient, host: Host) => Promise<void>;

const actors: { labels: Record<string, string>; act: Act }[] = [
	{ labels: { "k8s-app": "canal" }, act: actForCanal },
	{
		labels: { "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "controller" },
		act: actForMetallbController,
	},
	{
		labels: { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" },
		act: actForCertManager,
	},
	{ labels: { app: "gpu-operator" }, act: actForGpuOperator },
	{
		labels: { "app.kubernetes.io/name": "node-feature-discovery", role: "worker" },
		act: actForNodeFeatureDiscovery,
	},
];

/**
 * Nothing runs in a pod here, but some pods change the cluster or their machine. For those of its own node the double does it in their
 * place: only while they are ready, and with no other rights than theirs.
 *
 * @param connect a client that shows a token
 */
export function actForPods(
	kubelet: KubeClient,
	connect: (token: string) => KubeClient,
	host: Host,
	signal: AbortSignal,
): void {
	const accountOf = serviceAccounts(kubelet, connect);
	const attempt = async (what: string, act: () => Promise<void>) => {
		try {
			await act();
		} catch (error) {
			if (!signal.aborted) {
				log.warning(`acting for ${what}: ${messageOf(error)}`);
			}
		}
	};
	every(INTERVAL, signal, "looking at the pods of this node", async () => {
		const pods = await readyPods(kubelet, host.node);
		for (const pod of pods) {
			const actor = actors.find(({ labels }) => isLabelled(pod, labels));
			if (actor) {
				await attempt(`pod ${pod.metadata.name}`, async () => actor.act(pod, await accountOf(pod), host));
			}
		}
		await attempt("the network check", () => runNetworkChecks(kubelet, pods));
		await attempt("device plugins", () => reportCards(kubelet, pods, host));
	});
}
