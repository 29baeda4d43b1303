/** Gathers what an operation did into an EngineResult and tells the caller's listeners as it happens. */
import type { Diagnostic, EngineOptions, EngineResult, EngineStep, Operation, PolicyViolation } from "./engine.ts";

/** A policy that reads an unknown value is reported by @pulumi/policy as an advisory violation that begins so. */
const skippedMessage = /^can't run policy\b/;

export class Recorder {
	readonly #began = performance.now();
	readonly #options: EngineOptions;
	readonly #steps: EngineStep[] = [];
	readonly #diagnostics: Diagnostic[] = [];
	readonly #policies: EngineResult["policies"] = { evaluated: 0, violations: [], skipped: [] };
	readonly #changes: EngineResult["changes"] = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

	constructor(options: EngineOptions) {
		this.#options = options;
	}

	step(operation: Operation, urn: string, type: string, phase: EngineStep["phase"]): void {
		const step = { operation, urn, type, phase, at: Math.round(performance.now() - this.#began) };
		if (phase !== "started") {
			this.#steps.push(step);
		}
		if (phase === "succeeded") {
			this.#changes[operation] += 1;
		}
		this.#options.onStep?.(step);
	}

	diagnostic(severity: Diagnostic["severity"], message: string, urn?: string): void {
		const diagnostic: Diagnostic = { severity, message: message.trimEnd(), ...(urn ? { urn } : {}) };
		if (diagnostic.message === "") {
			return;
		}
		this.#diagnostics.push(diagnostic);
		this.#options.onDiagnostic?.(diagnostic);
	}

	/** The policy pack was shown a resource. */
	evaluated(): void {
		this.#policies.evaluated += 1;
	}

	violation(violation: PolicyViolation): void {
		const { policy, message, urn } = violation;
		if (skippedMessage.test(message)) {
			this.#policies.skipped.push({ policy, message, ...(urn ? { urn } : {}) });
		} else {
			this.#policies.violations.push(violation);
		}
	}

	/** A policy changed the inputs of a resource; what it changed, the pack says itself. */
	remediation(policy: string, urn: string): void {
		this.violation({ policy, level: "remediate", urn, message: "The policy changed the inputs." });
	}

	/** Whether an error or a broken mandatory policy has been recorded. */
	get explainsFailure(): boolean {
		return (
			this.#policies.violations.some(({ level }) => level === "mandatory") ||
			this.#diagnostics.some(({ severity }) => severity === "error")
		);
	}

	/** An operation that broke a mandatory policy or met an error did not succeed, whatever the caller says. */
	result(completed: boolean): EngineResult {
		return {
			succeeded: completed && !this.explainsFailure,
			changes: this.#changes,
			steps: this.#steps,
			diagnostics: this.#diagnostics,
			policies: this.#policies,
			seconds: (performance.now() - this.#began) / 1000,
		};
	}
}
