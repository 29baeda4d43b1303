/** The events of the nodes of a running cluster, read from the nodes and from the API and not from what the program says. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Rehearsal } from "../../../rehearsal/rehearsal.ts";

export interface NodeEvents {
	/** Each time that a node no longer took pods, in the order of the times. */
	cordoned: string[];
	/** Nodes that stay and whose RKE2 was started anew, in the order of the starts. */
	restarted: string[];
	/** Nodes that stay and whose machine booted. */
	booted: string[];
}

/** @param staying nodes that are members before and after the operation, each on one machine */
export async function nodeEvents<T>(
	rehearsal: Rehearsal,
	staying: readonly string[],
	operation: () => Promise<T>,
): Promise<NodeEvents & { result: T }> {
	const starts = async () => new Map(await Promise.all(staying.map((node) => startOf(rehearsal, node))));
	const before = await starts();
	const watch = await CordonWatch.start(rehearsal);
	const result = await operation().finally(() => watch.stop());
	const after = [...(await starts())].toSorted(([, one], [, other]) => one.at - other.at);
	const differing = (property: "invocation" | "boot") =>
		after.filter(([node, start]) => start[property] !== before.get(node)![property]).map(([node]) => node);
	return { result, cordoned: watch.cordoned, restarted: differing("invocation"), booted: differing("boot") };
}

interface Start {
	/** Of the machine. */
	boot: string;
	/** Of RKE2: systemd gives each start another one. */
	invocation: string;
	/** Seconds since 1970. */
	at: number;
}

async function startOf(rehearsal: Rehearsal, node: string): Promise<[string, Start]> {
	const unit = `rke2-${rehearsal.stack.nodes[node]!.role === "worker" ? "agent" : "server"}.service`;
	const show = `systemctl show --timestamp unix --property InvocationID,ActiveEnterTimestamp ${unit}`;
	const text = await rehearsal.onNode(node, `sh -c '${show}; cat /proc/sys/kernel/random/boot_id'`);
	const [, invocation] = /^InvocationID=(.+)$/m.exec(text)!;
	const [, at] = /^ActiveEnterTimestamp=@(\d+)$/m.exec(text)!;
	const [, boot] = /^([\da-f-]{36})$/m.exec(text)!;
	return [node, { boot: boot!, invocation: invocation!, at: Number(at) }];
}

/** Long, because a cordon between two rounds is lost if the API stops before the next one. kubectl notices a dead server by itself. */
const watchSeconds = 120;

interface Node {
	metadata: { name: string; resourceVersion: string };
	spec: { unschedulable?: boolean };
}

type WatchEvent = { type: "ADDED" | "MODIFIED" | "DELETED"; object: Node } | { type: "ERROR" };

/** Follows the nodes by their resource version, so that it misses nothing while the API is away or moves to another server. */
class CordonWatch {
	readonly cordoned: string[] = [];
	readonly #command: (path: string) => string[];
	readonly #stopped = new AbortController();
	readonly #unschedulable = new Set<string>();
	#version: string | undefined;
	#running: Promise<void> | undefined;

	private constructor(command: (path: string) => string[]) {
		this.#command = command;
	}

	static async start(rehearsal: Rehearsal): Promise<CordonWatch> {
		const command = await rehearsal.kubectlCommand("get", "--raw");
		const watch = new CordonWatch((path) => [...command, path]);
		await watch.#list();
		if (watch.#version === undefined) {
			throw new Error("The API did not list the nodes before the operation.");
		}
		// Cordoned before the operation.
		watch.cordoned.length = 0;
		watch.#running = watch.#follow();
		return watch;
	}

	/** Resolves when it has seen everything that happened until now. */
	async stop(): Promise<void> {
		this.#stopped.abort();
		await this.#running;
		await this.#round(1);
	}

	async #follow(): Promise<void> {
		while (!this.#stopped.signal.aborted) {
			const followed = await this.#round(watchSeconds, this.#stopped.signal);
			// No pause after a round that ended as planned: the API may stop soon after a cordon.
			await sleep(followed ? 0 : 200);
		}
	}

	/**
	 * @param seconds after which the API ends its answer
	 * @returns whether the API ended it
	 */
	async #round(seconds: number, signal?: AbortSignal): Promise<boolean> {
		if (this.#version === undefined) {
			await this.#list();
			return false;
		}
		const path = `/api/v1/nodes?watch=true&resourceVersion=${this.#version}&timeoutSeconds=${seconds}`;
		const { text, complete } = await this.#ask(path, seconds, signal);
		// The last line may be half of an event, which the next round gets once more.
		for (const line of text.split("\n").slice(0, -1)) {
			this.#see(JSON.parse(line));
		}
		return complete;
	}

	#see(event: WatchEvent): void {
		if (event.type === "ERROR") {
			// An API server that has just started knows no earlier versions: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
			this.#version = undefined;
			return;
		}
		const { metadata, spec } = event.object;
		this.#version = metadata.resourceVersion;
		const { name } = metadata;
		if (spec.unschedulable !== true || event.type === "DELETED") {
			this.#unschedulable.delete(name);
		} else if (!this.#unschedulable.has(name)) {
			this.#unschedulable.add(name);
			this.cordoned.push(name);
		}
	}

	async #list(): Promise<void> {
		const { text, complete } = await this.#ask("/api/v1/nodes", 10);
		if (complete) {
			const { items, metadata } = JSON.parse(text) as { items: Node[]; metadata: { resourceVersion: string } };
			for (const object of items) {
				this.#see({ type: "MODIFIED", object });
			}
			this.#version = metadata.resourceVersion;
		}
	}

	/** Returns what was received, also when the connection broke. */
	async #ask(path: string, seconds: number, signal?: AbortSignal): Promise<{ text: string; complete: boolean }> {
		const [program, ...args] = this.#command(path) as [string, ...string[]];
		args.push(`--request-timeout=${seconds + 10}s`);
		const options = { maxBuffer: 64 * 1024 * 1024, ...(signal && { signal }) };
		try {
			return { text: (await promisify(execFile)(program, args, options)).stdout, complete: true };
		} catch (error) {
			return { text: (error as { stdout?: string }).stdout ?? "", complete: false };
		}
	}
}
