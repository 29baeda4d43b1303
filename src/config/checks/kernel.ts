/** Rules for kernel settings that CIS and Kubernetes need. */
import { cisKernelSettings, kubernetesKernelSettings } from "../../facts/kernel-settings.ts";
import { matchesWildcard } from "../formats/wildcard.ts";
import type { Problem } from "../read/problems.ts";
import { eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

const minimumSettings = {
	...kubernetesKernelSettings,
	// The kernel has one value for both names.
	"net.ipv4.conf.all.forwarding": kubernetesKernelSettings["net.ipv4.ip_forward"],
};

/** The kernel runs the program that each of them names, as root: https://docs.kernel.org/admin-guide/sysctl/kernel.html */
const programSettings = ["kernel.core_pattern", "kernel.hotplug", "kernel.modprobe", "kernel.poweroff_cmd"];

export function checkKernel({ cluster: { kernel } }: StackConfig): Problem[] {
	return eachEntry(kernel.settings, (name, value) => {
		const key = `cluster.kernel.settings.${name}`;
		return [
			...programSettings
				.filter((setting) => sets(name, setting))
				.map((setting) => ({
					key,
					message: `${subject(name, setting)}names a program that the kernel runs as root; remove it.`,
				})),
			...Object.keys(cisKernelSettings)
				.filter((setting) => sets(name, setting))
				.map((setting) => ({
					key,
					message: `${subject(name, setting)}is fixed by RKE2's CIS profile: RKE2 does not start with another value; remove it.`,
				})),
			...Object.entries(minimumSettings)
				.filter(([setting, minimum]) => sets(name, setting) && !(Number(value) >= minimum))
				.map(([setting, minimum]) => ({
					key,
					message: `${subject(name, setting)}must be at least ${minimum}, which Kubernetes needs, found ${JSON.stringify(value)}.`,
				})),
		];
	});
}

/** sysctl.d(5): a `*` in the name is any text between two dots. */
function sets(name: string, setting: string): boolean {
	const parts = setting.split(".");
	const patterns = name.split(".");
	return patterns.length === parts.length && patterns.every((part, index) => matchesWildcard(part, parts[index]!));
}

/** The setting by its own name, when a pattern sets it. */
function subject(name: string, setting: string): string {
	return name === setting ? "" : `also sets ${setting}, which `;
}
