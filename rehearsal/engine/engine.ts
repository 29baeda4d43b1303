/** What a rehearsal asks of an engine. Two answer: the real `pulumi` CLI and the embedded host. */

export interface ConfigValue {
	/** Structured values are JSON text, as Pulumi itself hands them to a program. */
	value: string;
	secret: boolean;
}

export interface EngineOptions {
	/** Directory that holds Pulumi.yaml. */
	projectDirectory: string;
	stack: string;
	/** Full keys, `project:key`. */
	config: Record<string, ConfigValue>;
	/** Private to the engine: state, work files. Survives between calls. */
	stateDirectory: string;
	/** Policy pack directory; absent means no policies run. */
	policyPack?: string;
	/** Configuration of the pack, a JSON file as the CLI's `--policy-pack-config`; absent means the pack's own. */
	policyPackConfig?: string;
	/** Environment of the program and of everything it starts, added to the process's own. */
	environment: Record<string, string>;
	/** Called for each step as it starts and ends, in that order. */
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
}

export type Operation = "create" | "update" | "replace" | "delete" | "same";

export interface EngineStep {
	operation: Operation;
	urn: string;
	type: string;
	phase: "started" | "succeeded" | "failed";
	/** Milliseconds since the operation began. */
	at: number;
}

export interface Diagnostic {
	severity: "info" | "warning" | "error";
	urn?: string;
	message: string;
}

export interface PolicyViolation {
	policy: string;
	level: "advisory" | "mandatory" | "remediate" | "disabled";
	urn?: string;
	message: string;
}

interface PolicySummary {
	/** Resources that the pack was shown. */
	evaluated: number;
	violations: PolicyViolation[];
	/** Policies that could not run because they read an unknown value. */
	skipped: { policy: string; urn?: string; message: string }[];
}

export interface EngineResult {
	succeeded: boolean;
	/** A resource counts once; `same` does not count as a change. */
	changes: Record<Operation, number>;
	/** Completed steps in the order of completion, `same` included. */
	steps: EngineStep[];
	diagnostics: Diagnostic[];
	policies: PolicySummary;
	seconds: number;
}

export interface StackOutput {
	value: unknown;
	secret: boolean;
}

export type EngineName = "pulumi" | "embedded";

export interface Engine {
	readonly name: EngineName;
	/** One line for a person: version and where it was found. */
	readonly description: string;
	/** Touches nothing. */
	preview(options: EngineOptions): Promise<EngineResult>;
	up(options: EngineOptions): Promise<EngineResult>;
	destroy(options: EngineOptions): Promise<EngineResult>;
	outputs(options: EngineOptions): Promise<Record<string, StackOutput>>;
}
