import { existsSync } from "node:fs";
import { mountsOf, processesOf } from "./processes.ts";
import type { Run } from "./run.ts";

/** What of a run is still there. All zero after `destroyRun`. */
export interface Leftovers {
	processes: number;
	mounts: number;
	/** Network namespaces. Those of the machines, and all mount namespaces, end with their last process. */
	namespaces: number;
}

export function countLeftovers(run: Run): Leftovers {
	return {
		processes: processesOf(run).length,
		mounts: mountsOf(run).length,
		namespaces: existsSync(run.network) ? 1 : 0,
	};
}
