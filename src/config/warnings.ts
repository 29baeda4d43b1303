/** What a stack file may say, but had better not: said by the program and by `npm run check`, refused by neither. */
import { authorityWarnings } from "./checks/authorities.ts";
import { capacityWarnings } from "./checks/capacity.ts";
import { firewallWarnings } from "./checks/firewall.ts";
import { gpuWarnings } from "./checks/gpus.ts";
import { imageWarnings } from "./checks/images.ts";
import { minimumWarnings } from "./checks/minimums.ts";
import { quorumWarnings } from "./checks/quorum.ts";
import { versionWarnings } from "./checks/version.ts";
import type { Problem } from "./problems.ts";
import type { StackConfig } from "./schema.ts";
import { discreet } from "./shown-values.ts";

export function warnings(stack: StackConfig): Problem[] {
	return discreet(
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
