import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema/stack.ts";
import { workstationMistakes, workstationWarnings } from "./checks.ts";
import { thisWorkstation } from "./workstation.ts";

/**
 * Refuses an `up` from a workstation on which it would fail half-way. A preview only warns: it needs less, and often runs on
 * another machine.
 *
 * @throws pulumi.RunError with every finding, before any resource is registered
 */
export function checkWorkstation(stack: StackConfig): void {
	const workstation = thisWorkstation();
	const mistakes = workstationMistakes(workstation, stack);
	if (mistakes.length > 0 && !pulumi.runtime.isDryRun()) {
		const found = mistakes.map((sentence) => `  ${sentence}`);
		throw new pulumi.RunError(["This workstation would break the run; nothing was touched.", ...found].join("\n"));
	}
	for (const sentence of [...mistakes, ...workstationWarnings(workstation, stack)]) {
		void pulumi.log.warn(sentence);
	}
}
