/** The CLI's JSON events in the terms of the engine contract. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { Diagnostic, EngineStep, Operation, PolicyViolation } from "./engine.ts";
import type { Recorder } from "./recorder.ts";

/** The steps that a person counts; the CLI breaks a replacement into several, of which the creation stands for all. */
const countedOperations: Record<string, Operation> = {
	create: "create",
	update: "update",
	delete: "delete",
	same: "same",
	"create-replacement": "replace",
};

const enforcementLevels: Record<string, PolicyViolation["level"]> = {
	advisory: "advisory",
	warning: "advisory",
	mandatory: "mandatory",
	remediate: "remediate",
	disabled: "disabled",
};

const diagnosticSeverities: Record<string, Diagnostic["severity"]> = {
	info: "info",
	"info#err": "info",
	warning: "warning",
	error: "error",
};

/** Events that the SDK's types do not have yet. */
interface PolicyAnalyzeEvent {
	policyAnalyzeSummaryEvent?: { resourceUrn: string };
	policyRemediationEvent?: { resourceUrn: string; policyName: string };
}

export class EventRecorder {
	readonly #recorder: Recorder;
	/** A preview shows the end of a component twice: when it is registered and when its outputs are. */
	readonly #seen = new Set<string>();

	constructor(recorder: Recorder) {
		this.#recorder = recorder;
	}

	record(event: EngineEvent & PolicyAnalyzeEvent): void {
		if (event.resourcePreEvent) {
			this.#step(event.resourcePreEvent.metadata, "started");
		}
		if (event.resOutputsEvent) {
			this.#step(event.resOutputsEvent.metadata, "succeeded");
		}
		if (event.resOpFailedEvent) {
			this.#step(event.resOpFailedEvent.metadata, "failed");
		}
		const judged = event.policyAnalyzeSummaryEvent?.resourceUrn;
		if (judged && isDeclared(judged)) {
			this.#recorder.evaluated();
		}
		if (event.policyEvent) {
			const { policyName, enforcementLevel, resourceUrn, message } = event.policyEvent;
			const level = enforcementLevels[enforcementLevel] ?? "advisory";
			this.#recorder.violation({ policy: policyName, level, urn: resourceUrn || undefined, message: plain(message) });
		}
		if (event.policyRemediationEvent) {
			const { policyName, resourceUrn } = event.policyRemediationEvent;
			this.#recorder.remediation(policyName, resourceUrn);
		}
		this.recordDiagnostic(event);
	}

	/** Leaves out what the event says of steps and policies. */
	recordDiagnostic({ diagnosticEvent }: EngineEvent): void {
		if (!diagnosticEvent) {
			return;
		}
		const severity = diagnosticSeverities[diagnosticEvent.severity];
		if (severity) {
			this.#recorder.diagnostic(severity, plain(diagnosticEvent.message), diagnosticEvent.urn);
		}
	}

	#step({ op, urn, type }: StepEventMetadata, phase: EngineStep["phase"]): void {
		const operation = countedOperations[op];
		const key = `${phase} ${op} ${urn}`;
		if (!operation || !isDeclared(urn) || this.#seen.has(key)) {
			return;
		}
		this.#seen.add(key);
		this.#recorder.step(operation, urn, type, phase);
	}
}

/** Default providers are the engine's own affair: nobody declared them, and the CLI does not count them either. */
function isDeclared(urn: string): boolean {
	return !/::pulumi:providers:[^:]+::default_[^:]*$/.test(urn);
}

/** Without the CLI's colour marks. */
function plain(message: string): string {
	return message.replace(/<\{%.*?%\}>/g, "").trim();
}
