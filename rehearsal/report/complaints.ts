/** What an operation printed, as the scenarios and the tests compare it. */
import type { EngineResult } from "../engine/engine.ts";

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

/** Everything that the operation printed, without the names of the resources. */
export function messages({ diagnostics }: EngineResult): string {
	return diagnostics.map(({ message }) => message).join("\n");
}
