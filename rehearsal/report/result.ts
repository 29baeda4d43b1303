/** What a rehearsal found, for machines: the shape of `--json FILE`. */
import type { EngineResult } from "../engine/engine.ts";
import type { RehearsalEnd } from "../rehearsal.ts";
import type { DeployedRelease } from "../verify/releases.ts";

export interface RehearsalResult {
	ok: boolean;
	/** Which CLI and plugins, and where each came from. */
	pulumi: string;
	stack: string;
	preview: { create: number; seconds: number };
	up: { created: number; seconds: number };
	secondPreview: { changes: number; seconds: number };
	cluster: { apiAddress: string; nodesReady: number; etcdVoters: number; releases: DeployedRelease[] };
	policies: { evaluated: number; violations: number; skipped: number };
	leftovers: RehearsalEnd["leftovers"];
	/** Proportional set size of all processes of the rehearsal together, at its highest. */
	peakMemoryMiB: number;
	/** Sentences; empty exactly when `ok`. */
	problems: string[];
}

/** Resources that an operation changed or would change. */
export function changeCount({ changes }: EngineResult): number {
	const { create, update, replace, delete: deleted } = changes;
	return create + update + replace + deleted;
}
