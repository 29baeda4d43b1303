import type { ServerSettings } from "../config/settings.ts";
import { apiserverAddresses } from "../kube/apiservers.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { log } from "../process/log.ts";
import { every } from "../process/retry.ts";
import type { Shutdown } from "../process/shutdown.ts";
import { kubeVipContainer } from "./container.ts";
import type { VipSettings } from "./settings.ts";

const lookInterval = 1_000;

interface Pod {
	metadata: { name: string; namespace: string; uid: string; deletionTimestamp?: string };
	spec: {
		serviceAccountName?: string;
		hostNetwork?: boolean;
		containers: { image: string; env?: { name: string; value?: string }[] }[];
	};
	status?: { phase?: string };
}

/**
 * Runs the kube-vip pod of this machine as the kubelet does: while the pod exists its container runs, and is restarted after
 * its end. The container continues after this process, as RKE2's containers continue after its unit (KillMode=process).
 *
 * @param ca authority of the API server
 */
export function runKubeVipPods(
	kube: KubeClient,
	ca: string,
	paths: Paths,
	{ nodeName, advertiseAddress }: ServerSettings,
	shutdown: Shutdown,
): void {
	const container = kubeVipContainer(paths);
	every(lookInterval, shutdown.signal, "looking for a kube-vip pod", async () => {
		const { items } = await kube.get<{ items: Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${nodeName}`);
		const pod = items.find(isRunningKubeVip);
		const uid = pod?.metadata.uid;
		if (container.pod() !== undefined && container.pod() !== uid) {
			await container.stop();
		}
		if (pod === undefined || uid === undefined || shutdown.signal.aborted || !container.mayStart(uid)) {
			return;
		}
		const settings = vipSettings(pod, nodeName);
		if (settings === undefined) {
			return;
		}
		// kube-proxy may choose any API server and keeps the connection. Here it is another machine's, the harder case.
		const behindService =
			(await apiserverAddresses(kube)).find((address) => !address.startsWith(`${advertiseAddress}:`)) ??
			`${advertiseAddress}:6443`;
		const server = `https://${settings.api ?? behindService}`;
		container.start(uid, { ...settings, server, ca, token: await podToken(kube, pod) });
	});
}

function isRunningKubeVip(pod: Pod): boolean {
	return (
		pod.spec.hostNetwork === true &&
		pod.status?.phase === "Running" &&
		pod.metadata.deletionTimestamp === undefined &&
		pod.spec.containers.some((container) => /(^|\/)kube-vip(:|@|$)/.test(container.image))
	);
}

/** `undefined` when the pod does not serve the control plane by ARP. */
function vipSettings(pod: Pod, nodeName: string): (VipSettings & { api?: string }) | undefined {
	const environment = new Map(
		pod.spec.containers.flatMap((container) => container.env ?? []).map((e) => [e.name, e.value]),
	);
	const text = (name: string) => environment.get(name) || undefined;
	const address = text("address") ?? text("vip_address");
	if (address === undefined || text("cp_enable") !== "true" || text("vip_arp") !== "true") {
		log.warning(`kube-vip pod ${pod.metadata.name}: it holds no address without cp_enable, vip_arp and address`);
		return undefined;
	}
	const host = text("KUBERNETES_SERVICE_HOST");
	return {
		api: host && `${host}:${text("KUBERNETES_SERVICE_PORT") ?? 443}`,
		nodeName,
		address,
		device: text("vip_interface"),
		namespace: text("cp_namespace") ?? "kube-system",
		leaseName: text("vip_leasename") ?? "plndr-cp-lock",
		// Defaults of v1.2.3: cmd/kube-vip.go, flags leaseDuration, leaseRenewDuration and leaseRetry (kube-vip#1429).
		leaseDuration: Number(text("vip_leaseduration") ?? 15),
		renewDeadline: Number(text("vip_renewdeadline") ?? 10),
		retryPeriod: Number(text("vip_retryperiod") ?? 2),
	};
}

/** A token of the pod's ServiceAccount, so that kube-vip has the RBAC privileges of its manifest. */
async function podToken(kube: KubeClient, pod: Pod): Promise<string> {
	const { name, namespace, uid } = pod.metadata;
	const account = pod.spec.serviceAccountName ?? "default";
	const { status } = await kube.create<{ status: { token: string } }>(
		`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
		{
			apiVersion: "authentication.k8s.io/v1",
			kind: "TokenRequest",
			spec: { expirationSeconds: 24 * 60 * 60, boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } },
		},
	);
	return status.token;
}
