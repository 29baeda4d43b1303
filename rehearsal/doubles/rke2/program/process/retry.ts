import { setTimeout as sleep } from "node:timers/promises";
import { FatalError, log, messageOf } from "./log.ts";

interface RetryOptions {
	signal: AbortSignal;
	/** Milliseconds between two attempts. */
	interval: number;
	/** Logged with the last error, at most every ten seconds, until an attempt succeeds. */
	waitingFor: string;
}

/** Tries until it succeeds or the signal aborts, as RKE2 waits for other nodes without end. A FatalError ends it. */
export async function retry<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
	let logged = Date.now() - 9_000;
	for (;;) {
		options.signal.throwIfAborted();
		try {
			return await attempt();
		} catch (error) {
			if (error instanceof FatalError) {
				throw error;
			}
			if (Date.now() - logged > 10_000) {
				logged = Date.now();
				log.info(`${options.waitingFor}: ${messageOf(error)}`);
			}
		}
		await sleep(options.interval, undefined, { signal: options.signal });
	}
}

/** Repeats a task until the signal aborts. An error is logged and does not end the repetition. */
export function every(milliseconds: number, signal: AbortSignal, what: string, task: () => Promise<void>): void {
	void (async () => {
		while (!signal.aborted) {
			try {
				await task();
			} catch (error) {
				if (!signal.aborted) {
					log.warning(`${what}: ${messageOf(error)}`);
				}
			}
			await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
		}
	})();
}
