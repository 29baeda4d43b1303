import { setTimeout as sleep } from "node:timers/promises";
import type { ServerSettings } from "../config/settings.ts";
import { apiserverAddresses } from "../kube/apiservers.ts";
import { type KubeClient, kubeClient } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { every } from "../process/retry.ts";
import type { Shutdown } from "../process/shutdown.ts";
import { addAddress, defaultDevice, removeAddress } from "./address.ts";
import { leaseCompetitor } from "./lease.ts";

const LOOK_INTERVAL = 1_000;

interface Pod {
	metadata: { name: string; namespace: string; uid: string; deletionTimestamp?: string };
	spec: {
		serviceAccountName?: string;
		hostNetwork?: boolean;
		containers: { image: string; env?: { name: string; value?: string }[] }[];
	};
	status?: { phase?: string };
}

/** What kube-vip reads from its environment. Times in seconds; the defaults are kube-vip's. */
interface VipSettings {
	/** `<host>:<port>` that its client asks; without it the service's address, behind which is any of the API servers. */
	api?: string;
	address: string;
	device?: string;
	namespace: string;
	leaseName: string;
	leaseDuration: number;
	renewDeadline: number;
	retryPeriod: number;
}

/**
 * Acts for the kube-vip pod of this machine, which kwok cannot run: while such a pod runs here, competes for its Lease
 * with the rights of the pod's own service account, and holds the address on the machine's interface while it leads.
 */
export function actForKubeVip(
	kube: KubeClient,
	ca: string,
	{ nodeName, advertiseAddress }: ServerSettings,
	shutdown: Shutdown,
): void {
	let current: { uid: string; stop: () => Promise<void> } | undefined;
	let apiservers: string[] = [];
	const stopCurrent = async () => {
		await current?.stop();
		current = undefined;
	};
	shutdown.onStop(stopCurrent);
	every(LOOK_INTERVAL, shutdown.signal, "looking for a kube-vip pod", async () => {
		// Whoever leads must not lose the address because the API is away for a moment: the lease decides that.
		const { items } = await kube.get<{ items: Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${nodeName}`);
		const pod = items.find(isRunningKubeVip);
		apiservers = await apiserverAddresses(kube);
		if (pod?.metadata.uid === current?.uid) {
			return;
		}
		await stopCurrent();
		if (pod === undefined || shutdown.signal.aborted) {
			return;
		}
		const settings = vipSettings(pod);
		if (settings === undefined) {
			return;
		}
		const server = () => `https://${settings.api ?? behindService(apiservers, advertiseAddress)}`;
		const api = kubeClient({ server, ca, token: await podToken(kube, pod) });
		const stop = await startCompetitor(api, settings, nodeName);
		current = { uid: pod.metadata.uid, stop };
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

/** `undefined` when the pod does not serve the control plane by ARP: nothing to act for. */
function vipSettings(pod: Pod): VipSettings | undefined {
	const environment = new Map(
		pod.spec.containers.flatMap((container) => container.env ?? []).map((e) => [e.name, e.value]),
	);
	const text = (name: string) => environment.get(name) || undefined;
	const address = text("address") ?? text("vip_address");
	if (address === undefined || text("cp_enable") !== "true" || text("vip_arp") !== "true") {
		log.warning(`kube-vip pod ${pod.metadata.name}: cp_enable, vip_arp and address are all needed to hold an address`);
		return undefined;
	}
	const host = text("KUBERNETES_SERVICE_HOST");
	return {
		api: host && `${host}:${text("KUBERNETES_SERVICE_PORT") ?? 443}`,
		address,
		device: text("vip_interface"),
		namespace: text("cp_namespace") ?? "kube-system",
		leaseName: text("vip_leasename") ?? "plndr-cp-lock",
		leaseDuration: Number(text("vip_leaseduration") ?? 5),
		renewDeadline: Number(text("vip_renewdeadline") ?? 3),
		retryPeriod: Number(text("vip_retryperiod") ?? 1),
	};
}

/** kube-proxy may pick any, and the connection stays there: here another machine's, the case that a program must bear. */
function behindService(apiservers: string[], own: string): string {
	return apiservers.find((address) => !address.startsWith(`${own}:`)) ?? `${own}:6443`;
}

/** @param api with the rights of the pod, by the way that the pod takes to it */
async function startCompetitor(api: KubeClient, settings: VipSettings, nodeName: string): Promise<() => Promise<void>> {
	const device = settings.device ?? (await defaultDevice());
	const { address } = settings;
	// A process that was killed left its address behind.
	await removeAddress(device, address);
	const lease = leaseCompetitor(api, {
		namespace: settings.namespace,
		name: settings.leaseName,
		identity: nodeName,
		duration: settings.leaseDuration,
	});
	const stopping = new AbortController();
	let leading = false;
	let renewedAt = 0;
	const lead = async () => {
		if (leading) {
			return;
		}
		await addAddress(device, address);
		leading = true;
		log.info(`kube-vip: this server now holds ${address} on ${device}`);
	};
	const resign = async (why: string) => {
		if (!leading) {
			return;
		}
		leading = false;
		log.info(`kube-vip: giving up ${address} on ${device}: ${why}`);
		await removeAddress(device, address);
	};
	const loop = (async () => {
		while (!stopping.signal.aborted) {
			const started = Date.now();
			try {
				if (await withDeadline(lease.tryAcquireOrRenew(), settings.renewDeadline)) {
					renewedAt = started;
					await lead();
				} else {
					await resign("another server leads");
				}
			} catch (error) {
				if (!leading) {
					log.warning(`kube-vip: ${messageOf(error)}`);
				} else if (Date.now() - renewedAt > settings.renewDeadline * 1_000) {
					await resign(messageOf(error));
				}
			}
			await sleep(settings.retryPeriod * 1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
		}
	})();
	return async () => {
		stopping.abort();
		await loop;
		const led = leading;
		await resign("stopping");
		if (led) {
			await withDeadline(lease.release(), 2).catch(() => undefined);
		}
	};
}

/** A token of the pod's service account, bound to the pod: the manifest's own RBAC decides what kube-vip may do. */
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

function withDeadline<T>(promise: Promise<T>, seconds: number): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1_000);
	});
	return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}
