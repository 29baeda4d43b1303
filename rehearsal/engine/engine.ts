/** What a rehearsal asks of Pulumi, and what it gets back. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

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
	/** State and work files of the CLI. Survives between calls. */
	stateDirectory: string;
	/** Policy pack directory; absent means no policies run. */
	policyPack?: string;
	/** Configuration of the pack, a JSON file as the CLI's `--policy-pack-config`; absent means the pack's own. */
	policyPackConfig?: string;
	/** Environment of the program and of everything it starts, added to the process's own. */
	environment: Record<string, string>;
	/** URNs that the operation is restricted to; absent means all resources. */
	targets?: string[];
	/** URNs that are replaced whether they changed or not. */
	replace?: string[];
	/** Whether a change is an error. */
	expectNoChanges?: boolean;
	/** Whether the state is first made what the providers find. */
	refresh?: boolean;
	/** Called for each step as it starts and ends, in that order. */
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
	/** Called for each event as the CLI reports it. */
	onEvent?: (event: EngineEvent) => void;
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

/** What exists already and is taken into the state. */
export interface ImportedResource {
	type: string;
	name: string;
	/** As its provider calls it. */
	id: string;
	/** URNs of the parent and of the provider; absent for none and the default. */
	parent?: string;
	provider?: string;
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
