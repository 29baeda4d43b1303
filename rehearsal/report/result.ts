/** The result of a rehearsal, in the form of `--json FILE`. */
import type { EngineResult } from "../engine/engine.ts";
import type { RehearsalEnd } from "../rehearsal.ts";
import type { DeployedRelease } from "../verify/releases.ts";

export interface RehearsalResult {
	ok: boolean;
	/** The CLI and the plugins, and the origin of each. */
	pulumi: string;
	stack: string;
	preview: { create: number; seconds: number };
	up: { created: number; seconds: number };
	secondPreview: { changes: number; seconds: number };
	cluster: { apiAddress: string; nodesReady: number; etcdVoters: number; releases: DeployedRelease[] };
	policies: { evaluated: number; violations: number; skipped: number };
	leftovers: RehearsalEnd;
	/** Highest proportional set size of all processes of the rehearsal together. */
	peakMemoryMiB: number;
	/** Sentences; empty when `ok` is true. */
	problems: string[];
}

/** Number of resources that an operation changed or would change. */
export function changeCount({ changes }: EngineResult): number {
	const { create, update, replace, delete: deleted } = changes;
	return create + update + replace + deleted;
}
