/** What an operation printed, as the scenarios and the tests compare it. */
import type { EngineResult } from "../engine/engine.ts";

export function errors(result: EngineResult): string[] {
	return errorsOf(result).map(({ message }) => message);
}

/** One line for each error and for each policy that stops the operation, with the name of its resource. */
export function complaints(result: EngineResult): string {
	const stopping = result.policies.violations.filter(({ level }) => level === "mandatory");
	return [
		...errorsOf(result),
		...stopping.map(({ urn, policy, message }) => ({ urn, message: `${policy}: ${message}` })),
	]
		.map(({ urn, message }) => [urn?.split("::").at(-1), message].join(": "))
		.join("\n");
}

/** Errors without the CLI's last line, such as "update failed", which repeats the errors before it. */
function errorsOf({ diagnostics }: EngineResult): EngineResult["diagnostics"] {
	return diagnostics.filter(
		({ severity, message }) => severity === "error" && !/^(preview|update|refresh|destroy) failed$/.test(message),
	);
}

/** Everything that the operation printed, without the names of the resources. */
export function messages({ diagnostics }: EngineResult): string {
	return diagnostics.map(({ message }) => message).join("\n");
}
