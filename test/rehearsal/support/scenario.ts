/** Helpers that the scenarios share. */
import { vi } from "vitest";
import type { EngineResult } from "../../../rehearsal/engine/engine.ts";
import { labValues } from "../../fixtures/lab.ts";

/** Merge patch for `nodes` that keeps only the named nodes of the lab's stack file. */
export function only(...names: string[]): Record<string, null> {
	const others = Object.keys(labValues().nodes as object).filter((node) => !names.includes(node));
	return Object.fromEntries(others.map((node) => [node, null]));
}

export function errors(result: EngineResult): string[] {
	return errorsOf(result).map(({ message }) => message);
}

/** One line for each error, with the name of its resource. */
export function complaints(result: EngineResult): string {
	return errorsOf(result)
		.map(({ urn, message }) => [urn?.split("::").at(-1), message].join(": "))
		.join("\n");
}

/** Errors without the CLI's last line, such as "update failed", which repeats the errors before it. */
function errorsOf({ diagnostics }: EngineResult): EngineResult["diagnostics"] {
	return diagnostics.filter(
		({ severity, message }) => severity === "error" && !/^(preview|update|refresh|destroy) failed$/.test(message),
	);
}

/** Resolves when the check does. Rejects with the last error of the check after the timeout. */
export function eventually<Result>(check: () => Result | Promise<Result>, seconds = 60): Promise<Result> {
	return vi.waitFor(check, { timeout: seconds * 1000, interval: 200 });
}
