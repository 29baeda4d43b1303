/** What happens to a cluster, and what has to be true afterwards. Each scenario is one module in this folder. */
import type { ScenarioCluster } from "./support/cluster.ts";

export interface Scenario {
	/** As for `--scenario`, and the name of the module. */
	name: string;
	/** One line for `--list`. */
	description: string;
	/**
	 * Whether the API may be away. With `none` a client writes and reads all the time: no write may be lost, no read may be
	 * stale, and each operation succeeds at its second attempt at the latest.
	 */
	outage: "allowed" | "none";
	/** Longest time between two successful operations of the client, in milliseconds. Default: no limit. */
	longestGap?: number;
	/**
	 * Asserts from outside, by throwing. The cluster is healthy and like its stack file before, and has to be so again
	 * afterwards.
	 */
	run(cluster: ScenarioCluster, sampling: Sampling): Promise<void>;
}

/** How much of a sweep runs. */
export interface Sampling {
	/** Of the choice, where a part runs. A number of 32 bits. */
	seed: number;
	/** Everything runs. */
	whole: boolean;
	/** Prints a line of progress. */
	say: (line: string) => void;
}
