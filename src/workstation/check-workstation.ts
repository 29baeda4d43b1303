import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema/stack.ts";
import { workstationMistakes, workstationWarnings } from "./checks.ts";
import { thisWorkstation } from "./workstation.ts";

/**
 * Refuses to change anything from a machine that would break it half-way. A preview only warns: it needs less, and often
 * runs elsewhere.
 *
 * @throws pulumi.RunError with everything that was found, before any resource is registered
 */
export function checkWorkstation(stack: StackConfig): void {
	const workstation = thisWorkstation();
	const mistakes = workstationMistakes(workstation, stack);
	if (mistakes.length > 0 && !pulumi.runtime.isDryRun()) {
		const found = mistakes.map((sentence) => `  ${sentence}`);
		throw new pulumi.RunError(["This machine would break the run; nothing was touched.", ...found].join("\n"));
	}
	for (const sentence of [...mistakes, ...workstationWarnings(workstation, stack)]) {
		void pulumi.log.warn(sentence);
	}
}
