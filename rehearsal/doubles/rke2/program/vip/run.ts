import { setTimeout as sleep } from "node:timers/promises";
import { kubeClient } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { addAddress, defaultDevice, removeAddress } from "./address.ts";
import { leaseCompetitor } from "./lease.ts";
import type { ContainerSettings } from "./settings.ts";

// Largest random addition to the retry period, as a factor (client-go, leaderelection.go, JitterFactor).
const jitterFactor = 1.2;

/**
 * Does what `kube-vip manager` v1.2.3 and its client-go do for a control plane by ARP: competes for the lease, holds the
 * address while it leads, and ends when it no longer leads (pkg/cluster/clusterLeaderElection.go). Leadership ends when no
 * renewal succeeded for the whole deadline, which begins one retry period after the last success. At the end it releases
 * first the lease and then the address (ReleaseOnCancel).
 */
export async function runKubeVip(settings: ContainerSettings): Promise<void> {
	const stopping = new AbortController();
	process.on("SIGTERM", () => stopping.abort());
	const { signal } = stopping;
	const device = settings.device ?? (await defaultDevice());
	const { address, retryPeriod, renewDeadline, server, ca, token } = settings;
	const lease = leaseCompetitor(kubeClient({ server, ca, token }), {
		namespace: settings.namespace,
		name: settings.leaseName,
		identity: settings.nodeName,
		duration: settings.leaseDuration,
	});
	const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => undefined);
	const attempt = async (seconds: number) => {
		try {
			return await withDeadline(lease.tryAcquireOrRenew(), seconds);
		} catch (error) {
			log.warning(`kube-vip: ${messageOf(error)}`);
			return false;
		}
	};

	// A killed container leaves its address on the interface.
	await removeAddress(device, address);
	while (!signal.aborted && !(await attempt(renewDeadline))) {
		await pause(retryPeriod * 1_000 * (1 + Math.random() * jitterFactor));
	}
	if (signal.aborted) {
		return;
	}
	await addAddress(device, address);
	log.info(`kube-vip: this server now holds ${address} on ${device}`);
	const renew = async () => {
		const end = Date.now() + renewDeadline * 1_000;
		while (!signal.aborted && Date.now() < end) {
			if (await attempt((end - Date.now()) / 1_000)) {
				return true;
			}
			await pause(Math.min(retryPeriod * 1_000, Math.max(end - Date.now(), 0)));
		}
		return false;
	};
	do {
		await pause(retryPeriod * 1_000);
	} while (await renew());
	log.info(`kube-vip: giving up ${address} on ${device}: ${signal.aborted ? "told to end" : "lost leadership"}`);
	await withDeadline(lease.release(), renewDeadline).catch((error: unknown) =>
		log.warning(`kube-vip: the lease was not released: ${messageOf(error)}`),
	);
	await removeAddress(device, address);
}

function withDeadline<T>(promise: Promise<T>, seconds: number): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1_000);
	});
	return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}
