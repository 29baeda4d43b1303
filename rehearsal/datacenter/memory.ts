import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processesOf } from "../run/processes.ts";
import type { Run } from "../run/run.ts";

export interface MemoryWatch {
	/** Ends the watch. Resolves to the highest sample, in MiB of proportional set size. */
	stop(): Promise<number>;
}

/** Milliseconds between samples: a lasting peak is found. A sample costs 5 % of a processor, because the kernel adds up each page. */
const interval = 3000;

/**
 * Watches the memory of all processes of a run and of this one together. Proportional set size counts a page that n
 * processes share as 1/n each, so that eight machines on one image are not counted eight times.
 */
export function watchMemory(run: Run): MemoryWatch {
	const stopped = new AbortController();
	const peak = sampleUntil(stopped.signal, run);
	return {
		stop: () => {
			stopped.abort();
			return peak;
		},
	};
}

async function sampleUntil(stopped: AbortSignal, run: Run): Promise<number> {
	let peak = await sample(run);
	while (!stopped.aborted) {
		await sleep(interval, undefined, { signal: stopped }).catch(() => undefined);
		peak = Math.max(peak, await sample(run));
	}
	return Math.round(peak / 1024);
}

/** Returns KiB. */
async function sample(run: Run): Promise<number> {
	const pids = new Set([...processesOf(run), process.pid]);
	const sizes = await Promise.all([...pids].map(proportionalSetSize));
	return sizes.reduce((total, size) => total + size, 0);
}

async function proportionalSetSize(pid: number): Promise<number> {
	// A process may end between being listed and being read.
	const summary = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
	return Number(/^Pss:\s+(\d+) kB$/m.exec(summary)?.[1] ?? 0);
}
