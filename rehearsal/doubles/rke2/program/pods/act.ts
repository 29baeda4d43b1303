import type { KubeClient } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { every } from "../process/retry.ts";
import { actForCanal } from "./canal.ts";
import { actForCertManager } from "./cert-manager.ts";
import { reportGpus } from "./device-plugin.ts";
import { actForGpuOperator } from "./gpu-operator.ts";
import type { Host } from "./host.ts";
import { actForMetallbController } from "./metallb-controller.ts";
import { actForMetallbSpeaker } from "./metallb-speaker.ts";
import { runNetworkChecks } from "./network-check.ts";
import { actForNodeFeatureDiscovery } from "./node-feature-discovery.ts";
import { isLabelled, type Pod, readyPods } from "./pod.ts";
import { serviceAccounts } from "./service-account.ts";
import { serveIngress } from "./traefik.ts";

const intervalMs = 2_000;

/** Does the work of a pod once, with the privileges of its ServiceAccount. */
type Act = (pod: Pod, api: KubeClient, host: Host) => Promise<void>;

const actors: { labels: Record<string, string>; act: Act }[] = [
	{ labels: { "k8s-app": "canal" }, act: actForCanal },
	{
		labels: { "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "controller" },
		act: actForMetallbController,
	},
	{
		labels: { "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "speaker" },
		act: actForMetallbSpeaker,
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
 * Acts for the pods of this node. No process runs in a pod, but some pods would change the cluster or their machine. The
 * double does it for them while they are ready, with the privileges of their own ServiceAccounts.
 *
 * @param connect makes a client with a token
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
	every(intervalMs, signal, "looking at the pods of this node", async () => {
		const pods = await readyPods(kubelet, host.node);
		for (const pod of pods) {
			const actor = actors.find(({ labels }) => isLabelled(pod, labels));
			if (actor) {
				await attempt(`pod ${pod.metadata.name}`, async () => actor.act(pod, await accountOf(pod), host));
			}
		}
		await attempt("the ingress", () => serveIngress(pods, accountOf));
		await attempt("the network check", () => runNetworkChecks(kubelet, pods));
		await attempt("device plugins", () => reportGpus(kubelet, pods, host));
	});
}
