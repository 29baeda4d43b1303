import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import type { AttachedVolumes } from "./attached-volumes.ts";
import type { DrainLimits } from "./node.ts";

const roundSeconds = 2;

/** What the node cannot do while it has pods. */
export type Refusal = "cannot leave" | "cannot be stopped";

/** What a node still has. */
interface Remainder {
	/** As a sentence says it. */
	fault: string;
	remedy: string;
	/** Each with the reason, if it is known. */
	things: readonly string[];
}

/**
 * Empties a node before it leaves the cluster, or before its VM restarts. src/rke2/scripts/drain.sh does the same on a node before a restart, with the identity
 * of its kubelet, which cannot help a node that is to leave: the one that waits has to outlive it.
 */
export class NodeDrain {
	readonly #core: CoreV1Api;
	readonly #node: string;
	readonly #refusal: Refusal;
	readonly #volumes: AttachedVolumes | undefined;

	/** @param volumes given for a node whose volumes other nodes need afterwards: it is empty once they are detached too */
	constructor(core: CoreV1Api, node: string, refusal: Refusal, volumes?: AttachedVolumes) {
		this.#core = core;
		this.#node = node;
		this.#refusal = refusal;
		this.#volumes = volumes;
	}

	/** @throws Error that names the pods or volumes that have not left in time; the node takes pods again then, unless it did not before */
	async run({ timeoutSeconds, gracePeriodSeconds }: DrainLimits): Promise<void> {
		const { spec } = await this.#core.readNode({ name: this.#node });
		await this.#setUnschedulable(true);
		const end = Date.now() + timeoutSeconds * 1_000;
		for (;;) {
			const remainder = await this.#evict(gracePeriodSeconds);
			if (remainder === undefined) {
				return;
			}
			if (Date.now() > end) {
				if (!spec?.unschedulable) {
					await this.#setUnschedulable(false);
				}
				const { fault, remedy, things } = remainder;
				throw new Error(
					`${this.#node} ${this.#refusal}: ${fault} within ${timeoutSeconds} s, so ${spec?.unschedulable ? "" : "the node takes pods again and "}nothing was touched; ${things.join("; ")}; ${remedy}, or raise cluster.drain, and run \`up\` again`,
				);
			}
			await new Promise((resolve) => setTimeout(resolve, roundSeconds * 1_000));
		}
	}

	/** @returns nothing when the node is empty */
	async #evict(gracePeriodSeconds: number): Promise<Remainder | undefined> {
		const { items } = await this.#core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${this.#node}` });
		const pods: string[] = [];
		for (const pod of items.filter(leaves)) {
			const { namespace = "", name = "", deletionTimestamp } = pod.metadata ?? {};
			const reason = deletionTimestamp
				? `has been ending since ${deletionTimestamp.toISOString()}`
				: await this.#evictOne(namespace, name, Math.min(gracePeriodSeconds, graceOf(pod)));
			pods.push(`${namespace}/${name}${reason && `: ${reason}`}`);
		}
		if (pods.length > 0) {
			return { fault: "these pods have not left", remedy: "let them leave", things: pods };
		}
		const volumes = await this.#volumes?.of(
			this.#node,
			items.filter((pod) => !leaves(pod)),
		);
		return volumes?.length
			? { fault: "these volumes have not been detached", remedy: "detach them", things: volumes }
			: undefined;
	}

	/** @returns why a disruption budget refuses, or nothing */
	async #evictOne(namespace: string, name: string, gracePeriodSeconds: number): Promise<string> {
		const body = { metadata: { namespace, name }, deleteOptions: { gracePeriodSeconds } };
		try {
			await this.#core.createNamespacedPodEviction({ namespace, name, body });
			return "";
		} catch (error) {
			const { code, body } = error as { code?: unknown; body?: unknown };
			if (code === 404) {
				return "";
			}
			if (code !== 429) {
				throw error;
			}
			return /The disruption budget [^"]*/.exec(String(body))?.[0].trim() ?? "a disruption budget refuses";
		}
	}

	async #setUnschedulable(value: boolean): Promise<void> {
		const body = [{ op: "add", path: "/spec/unschedulable", value }];
		await this.#core.patchNode({ name: this.#node, body });
	}
}

/** Pods of DaemonSets would be back at once, static pods belong to the node, and finished ones are gone. */
function leaves({ metadata, status }: V1Pod): boolean {
	const stays = metadata?.ownerReferences?.some(({ kind }) => kind === "DaemonSet" || kind === "Node");
	return !stays && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function graceOf({ spec }: V1Pod): number {
	return spec?.terminationGracePeriodSeconds ?? 30;
}
