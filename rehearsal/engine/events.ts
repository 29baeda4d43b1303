/** Translates the CLI's JSON events into the types of engine.ts. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { Diagnostic, EngineStep, Operation, PolicyViolation } from "./engine.ts";
import type { Recorder } from "./recorder.ts";

/** Steps that count as operations. The CLI splits a replacement into several steps; only its creation counts. */
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

/** Events that are missing in the SDK's types. */
interface PolicyAnalyzeEvent {
	policyAnalyzeSummaryEvent?: { resourceUrn: string };
	policyRemediationEvent?: { resourceUrn: string; policyName: string };
}

export class EventRecorder {
	readonly #recorder: Recorder;
	/** Steps so far. A preview reports the end of a component twice: at its registration and at that of its outputs. */
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
		const evaluated = event.policyAnalyzeSummaryEvent?.resourceUrn;
		if (evaluated && isDeclared(evaluated)) {
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

	/** Records only the diagnostic of the event, without steps and policies. */
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

/** False for default providers, which no program declares. The CLI does not count them either. */
function isDeclared(urn: string): boolean {
	return !/::pulumi:providers:[^:]+::default_[^:]*$/.test(urn);
}

/** Removes the CLI's colour marks. */
function plain(message: string): string {
	return message.replace(/<\{%.*?%\}>/g, "").trim();
}
