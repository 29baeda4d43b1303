/** Kernel settings that are not the stack file's to choose. */
import { cisKernelSettings } from "../cis-kernel-settings.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

export function checkKernel({ cluster: { kernel } }: StackConfig): Problem[] {
	return Object.keys(kernel.settings)
		.filter((name) => name in cisKernelSettings)
		.map((name) => ({
			key: `cluster.kernel.settings.${name}`,
			message: "is fixed by RKE2's CIS profile, which refuses to start with another value; remove it.",
		}));
}
