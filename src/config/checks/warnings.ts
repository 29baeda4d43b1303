/** Warnings about a valid stack file, which the program and `npm run check` print. */
import type { Problem } from "../read/problems.ts";
import { redactProblems } from "../read/redaction.ts";
import type { StackConfig } from "../schema/stack.ts";
import { authorityWarnings } from "./authorities.ts";
import { capacityWarnings } from "./capacity.ts";
import { firewallWarnings } from "./firewall.ts";
import { gpuWarnings } from "./gpus.ts";
import { imageWarnings } from "./images.ts";
import { minimumWarnings } from "./minimums.ts";
import { quorumWarnings } from "./quorum.ts";
import { versionWarnings } from "./version.ts";

export function warnings(stack: StackConfig): Problem[] {
	return redactProblems(
		[
			...capacityWarnings(stack),
			...versionWarnings(stack),
			...gpuWarnings(stack),
			...minimumWarnings(stack),
			...quorumWarnings(stack),
			...imageWarnings(stack),
			...firewallWarnings(stack),
			...authorityWarnings(stack),
		],
		stack,
	);
}
