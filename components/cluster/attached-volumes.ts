import type { CoreV1Api, StorageV1Api, V1Pod } from "@kubernetes/client-node";
import { statusOf } from "./api-answers.ts";

/**
 * Volumes of a storage system that a node still holds. Its driver has to let them go while the machine runs: afterwards Kubernetes waits
 * six minutes before another node may have one, and what the machine has not written is lost.
 * https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#storage-force-detach-on-timeout
 */
export class AttachedVolumes {
	readonly #core: CoreV1Api;
	readonly #storage: StorageV1Api;

	constructor(core: CoreV1Api, storage: StorageV1Api) {
		this.#core = core;
		this.#storage = storage;
	}

	/**
	 * @param staying pods that are not evicted from the node; their volumes do not count
	 * @returns name and driver of each volume
	 */
	async of(node: string, staying: readonly V1Pod[]): Promise<string[]> {
		const { items } = await this.#storage.listVolumeAttachment();
		const claims = new Set(staying.flatMap(claimsOf));
		const held: string[] = [];
		for (const { spec } of items.filter(({ spec }) => spec.nodeName === node)) {
			const volume = spec.source.persistentVolumeName;
			if (volume === undefined || !claims.has(await this.#claimOf(volume))) {
				held.push(`${volume ?? "a volume of its pods"} (${spec.attacher})`);
			}
		}
		return held;
	}

	/** @returns namespace and name, or an empty text for a volume that no claim has, or that is gone */
	async #claimOf(name: string): Promise<string> {
		try {
			const { spec } = await this.#core.readPersistentVolume({ name });
			return spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : "";
		} catch (error) {
			if (statusOf(error) === 404) {
				return "";
			}
			throw error;
		}
	}
}

/** The claim of an ephemeral volume has the names of the pod and of the volume. */
function claimsOf({ metadata, spec }: V1Pod): string[] {
	return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
		const claim = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata?.name}-${name}`);
		return claim === undefined ? [] : [`${metadata?.namespace}/${claim}`];
	});
}
