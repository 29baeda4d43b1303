/** Collects the events of an operation in an EngineResult, and calls the caller's listeners for each. */
import type { Diagnostic, EngineOptions, EngineResult, EngineStep, Operation, PolicyViolation } from "./engine.ts";

/** Message of @pulumi/policy for a policy that read an unknown value. It is reported as an advisory violation. */
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

	/** Counts a resource that the policy pack evaluated. */
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

	/** Records that a policy changed the inputs of a resource. The pack prints the changes itself. */
	remediation(policy: string, urn: string): void {
		this.violation({ policy, level: "remediate", urn, message: "The policy changed the inputs." });
	}

	/** Whether an error or a violated mandatory policy was recorded. */
	get explainsFailure(): boolean {
		return (
			this.#policies.violations.some(({ level }) => level === "mandatory") ||
			this.#diagnostics.some(({ severity }) => severity === "error")
		);
	}

	/** After an error or a violated mandatory policy the operation did not succeed, also when `completed` is true. */
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
