/** Options and results of Pulumi's operations. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

export interface ConfigValue {
	/** Structured values are JSON text, as Pulumi passes them to a program. */
	value: string;
	secret: boolean;
}

export interface EngineOptions {
	/** Directory of Pulumi.yaml. */
	projectDirectory: string;
	stack: string;
	/** Full keys, `project:key`. */
	config: Record<string, ConfigValue>;
	/** Directory of the state and the CLI's work files. It is kept between calls. */
	stateDirectory: string;
	/** Directory of the policy pack. Without it no policies run. */
	policyPack?: string;
	/** JSON file with the pack's configuration, as for the CLI's `--policy-pack-config`. Default: the pack's own. */
	policyPackConfig?: string;
	/** Environment variables for the CLI, in addition to those of this process. */
	environment: Record<string, string>;
	/** URNs that limit the operation. Default: all resources. */
	targets?: string[];
	/** URNs that are replaced also without a change. */
	replace?: string[];
	/** Whether a change is an error. */
	expectNoChanges?: boolean;
	/** Whether a deletion that fails leaves the deletions of other resources to go on. */
	continueOnError?: boolean;
	/** Whether a refresh comes first. */
	refresh?: boolean;
	/** Called at the start and at the end of each step. */
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
	/** Called for each event of the CLI. */
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

/** An existing resource for an import. */
export interface ImportedResource {
	type: string;
	name: string;
	/** The provider's id of the resource. */
	id: string;
	/** URNs of the parent and of the provider. Default: no parent, and the default provider. */
	parent?: string;
	provider?: string;
}

interface PolicySummary {
	/** Number of resources that the pack evaluated. */
	evaluated: number;
	violations: PolicyViolation[];
	/** Policies that could not run because they read an unknown value. */
	skipped: { policy: string; urn?: string; message: string }[];
}

export interface EngineResult {
	succeeded: boolean;
	/** Number of resources by operation. `same` is no change. */
	changes: Record<Operation, number>;
	/** Completed steps in the order of completion, including `same`. */
	steps: EngineStep[];
	diagnostics: Diagnostic[];
	policies: PolicySummary;
	seconds: number;
}

export interface StackOutput {
	value: unknown;
	secret: boolean;
}
