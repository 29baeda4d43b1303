import { existsSync } from "node:fs";
import { mountsOf, processesOf } from "../run/processes.ts";
import type { Run } from "../run/run.ts";

/** Parts of a run that still exist. All counts are zero after `destroyRun`. */
export interface Leftovers {
	processes: number;
	mounts: number;
	/** The run's network namespace. The kernel removes the machines' namespaces with their last process. */
	namespaces: number;
}

export function countLeftovers(run: Run): Leftovers {
	return {
		processes: processesOf(run).length,
		mounts: mountsOf(run).length,
		namespaces: existsSync(run.network) ? 1 : 0,
	};
}
