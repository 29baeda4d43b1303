/** Options of a rehearsal and of its calls. */
import type { Secrets } from "../src/config/schema/stack.ts";
import type { Diagnostic, EngineStep } from "./engine/engine.ts";
import type { EngineRequest } from "./session/protocol.ts";

export interface RehearsalOptions {
	/** Default: `lab`. Rehearsals with different names may run at the same time if there is enough memory. */
	name?: string;
	/** Name of the stack. Its file is `Pulumi.<stack>.yaml`. */
	stack: string;
	/** Path of another stack file in the repository: `examples/Pulumi.homelab.yaml`. */
	file?: string;
	/** Merge patch (RFC 7396) over the stack file, for scenarios. */
	change?: Record<string, unknown>;
	/**
	 * Whether the CLI saves the state at each step. A run that is killed needs it. Default: yes, unless the environment says
	 * otherwise with Pulumi's own variable PULUMI_SKIP_CHECKPOINTS, as that of the tests does.
	 */
	checkpoints?: boolean;
	/** Whether the policy pack evaluates each operation, which takes about a quarter of the processor time of a preview. Default: yes. */
	policies?: boolean;
	/** Prints progress lines. */
	say: (line: string) => void;
	/** Gets the steps of every operation but previews. */
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
	/** Called with a sentence for each fault that a caller brings about. */
	onFault?: (text: string) => void;
}

/** Options of one call. */
export interface CallOptions extends Pick<EngineRequest, "targets" | "replace" | "expectNoChanges" | "refresh"> {
	/** Additional or changed secrets. */
	secrets?: Partial<Secrets>;
	/** Additional environment variables. */
	environment?: Record<string, string>;
}
