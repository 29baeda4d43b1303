/** What the tests of whole rehearsals have in common. */
import { vi } from "vitest";
import type { EngineResult } from "../../../rehearsal/engine/engine.ts";
import { labValues } from "../../fixtures/lab.ts";

/** Merge patch over `nodes` of the lab's stack file that leaves those named. */
export function only(...names: string[]): Record<string, null> {
	const others = Object.keys(labValues().nodes as object).filter((node) => !names.includes(node));
	return Object.fromEntries(others.map((node) => [node, null]));
}

export function errors(result: EngineResult): string[] {
	return errorsOf(result).map(({ message }) => message);
}

/** Everything that a person reads about what failed: a line for each error, with the name of its resource. */
export function complaints(result: EngineResult): string {
	return errorsOf(result)
		.map(({ urn, message }) => [urn?.split("::").at(-1), message].join(": "))
		.join("\n");
}

/** The CLI closes with "update failed" or the like, which says nothing that the errors before it do not say. */
function errorsOf({ diagnostics }: EngineResult): EngineResult["diagnostics"] {
	return diagnostics.filter(
		({ severity, message }) => severity === "error" && !/^(preview|update|refresh|destroy) failed$/.test(message),
	);
}

/** Resolves once the check does; when the time is over, rejects with what the check found last. */
export function eventually<Result>(check: () => Result | Promise<Result>, seconds = 60): Promise<Result> {
	return vi.waitFor(check, { timeout: seconds * 1000, interval: 200 });
}
