import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { whenAnswered } from "./api-answers.ts";
import type { AttachedVolumes } from "./attached-volumes.ts";
import type { DrainLimits } from "./node.ts";

const roundSeconds = 2;

/** What the node cannot do while it has pods. */
export type Refusal = "cannot leave" | "cannot be stopped";

/** The pods or volumes that a node still has. */
interface Remainder {
	/** Stands before "within 120 s" in the error. */
	fault: string;
	/** What is true of the node then. */
	state: string;
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
		try {
			await this.#empty(timeoutSeconds, gracePeriodSeconds, spec?.unschedulable ? "" : "the node takes pods again");
		} catch (error) {
			if (!spec?.unschedulable) {
				await whenAnswered(() => this.#setUnschedulable(false)).catch(() => undefined);
			}
			throw error;
		}
	}

	/** @param afterwards what happens to the node when it is not empty in time, or nothing */
	async #empty(timeoutSeconds: number, gracePeriodSeconds: number, afterwards: string): Promise<void> {
		const end = Date.now() + timeoutSeconds * 1_000;
		for (;;) {
			const remainder = await whenAnswered(() => this.#evict(gracePeriodSeconds));
			if (remainder === undefined) {
				return;
			}
			if (Date.now() > end) {
				const { fault, state, remedy, things } = remainder;
				const outcome = [afterwards, state].filter(Boolean).join(" and ");
				throw new Error(
					`${this.#node} ${this.#refusal}: ${fault} within ${timeoutSeconds} s, so ${outcome}; ${things.join("; ")}; ${remedy}, or raise cluster.drain, and run \`up\` again`,
				);
			}
			await new Promise((resolve) => setTimeout(resolve, roundSeconds * 1_000));
		}
	}

	/** @returns nothing when the node is empty */
	async #evict(gracePeriodSeconds: number): Promise<Remainder | undefined> {
		const { items } = await this.#core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${this.#node}` });
		const running = items.filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
		const pods: string[] = [];
		for (const pod of running.filter((one) => !stays(one))) {
			const { namespace = "", name = "", deletionTimestamp } = pod.metadata ?? {};
			const reason = deletionTimestamp
				? `has been ending since ${deletionTimestamp.toISOString()}`
				: await this.#evictOne(namespace, name, Math.min(gracePeriodSeconds, graceOf(pod)));
			pods.push(`${namespace}/${name}${reason && `: ${reason}`}`);
		}
		if (pods.length > 0) {
			const fault = "these pods have not left";
			return { fault, state: "nothing was touched", remedy: "let them leave", things: pods };
		}
		const volumes = (await this.#volumes?.of(this.#node, running.filter(stays))) ?? [];
		const fault = "its pods have left, but these volumes have not been detached";
		const remedy = "see why their driver does not detach them";
		return volumes.length > 0 ? { fault, state: "it is still a member", remedy, things: volumes } : undefined;
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

/** Pods of DaemonSets would be back at once, and static pods belong to the node. */
function stays({ metadata }: V1Pod): boolean {
	return metadata?.ownerReferences?.some(({ kind }) => kind === "DaemonSet" || kind === "Node") ?? false;
}

function graceOf({ spec }: V1Pod): number {
	return spec?.terminationGracePeriodSeconds ?? 30;
}
