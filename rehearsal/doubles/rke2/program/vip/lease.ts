import { type KubeClient, KubeError } from "../kube/client.ts";

interface LeaseSettings {
	namespace: string;
	name: string;
	/** Name of this competitor: the node's name. */
	identity: string;
	/** Seconds. */
	duration: number;
}

interface LeaseObject {
	apiVersion: string;
	kind: string;
	metadata: { name: string; namespace: string; resourceVersion?: string };
	spec: {
		holderIdentity?: string;
		leaseDurationSeconds?: number;
		acquireTime?: string;
		renewTime?: string;
		leaseTransitions?: number;
	};
}

/**
 * One competitor for a Lease, by the rules of client-go's leader election. It takes over a lease only after it saw no change
 * for the whole duration of the lease, so that the machines' clocks may differ.
 */
interface LeaseCompetitor {
	/** @returns whether this competitor holds the lease after the call. Rejects when the API does not answer. */
	tryAcquireOrRenew(): Promise<boolean>;
	/** Releases the lease if this competitor holds it, so that another one can take it at once. */
	release(): Promise<void>;
}

export function leaseCompetitor(kube: KubeClient, settings: LeaseSettings): LeaseCompetitor {
	const collection = `/apis/coordination.k8s.io/v1/namespaces/${settings.namespace}/leases`;
	const path = `${collection}/${settings.name}`;
	let observed = "";
	let observedAt = 0;

	const claim = (previous?: LeaseObject["spec"]): LeaseObject["spec"] => {
		const now = new Date().toISOString().replace("Z", "000Z");
		const ours = previous?.holderIdentity === settings.identity;
		return {
			holderIdentity: settings.identity,
			leaseDurationSeconds: settings.duration,
			acquireTime: ours ? previous?.acquireTime : now,
			renewTime: now,
			leaseTransitions: (previous?.leaseTransitions ?? 0) + (ours || previous === undefined ? 0 : 1),
		};
	};
	const won = async (attempt: Promise<unknown>): Promise<boolean> => {
		try {
			await attempt;
			return true;
		} catch (error) {
			// Another competitor was faster.
			if (error instanceof KubeError && error.status === 409) {
				return false;
			}
			throw error;
		}
	};
	return {
		tryAcquireOrRenew: async () => {
			const lease = await kube.find<LeaseObject>(path);
			if (lease === undefined) {
				const metadata = { name: settings.name, namespace: settings.namespace };
				return won(
					kube.create(collection, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: claim() }),
				);
			}
			const version = lease.metadata.resourceVersion ?? "";
			if (version !== observed) {
				observed = version;
				observedAt = Date.now();
			}
			const { holderIdentity, leaseDurationSeconds = settings.duration } = lease.spec;
			const free = !holderIdentity || Date.now() - observedAt > leaseDurationSeconds * 1_000;
			if (holderIdentity !== settings.identity && !free) {
				return false;
			}
			return won(kube.replace(path, { ...lease, spec: claim(lease.spec) }));
		},
		release: async () => {
			const lease = await kube.find<LeaseObject>(path);
			if (lease?.spec.holderIdentity !== settings.identity) {
				return;
			}
			const { renewTime } = claim();
			const { leaseTransitions } = lease.spec;
			await won(
				kube.replace(path, {
					...lease,
					spec: { holderIdentity: "", leaseDurationSeconds: 1, acquireTime: renewTime, renewTime, leaseTransitions },
				}),
			);
		},
	};
}
