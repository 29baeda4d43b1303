/** Holds the kernel of nodes with a GPU: the NVIDIA driver is built for the running kernel. */
import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

/**
 * Beginnings of the names of kernel packages, metapackages of Ubuntu and Debian among them. unattended-upgrades takes them
 * as regular expressions of Python: https://github.com/mvo5/unattended-upgrades#supported-options-reference.
 */
const kernels = ["linux-image", "linux-headers", "linux-modules", "linux-generic", "linux-virtual", "linux-kvm"];

/**
 * Packages that unattended-upgrades does not touch, in addition to the image's own list: lists of apt.conf(5) add up. An
 * administrator can still install a kernel. Every node has the file, although it is empty where no package is held: then a
 * change of the stack file reaches every node.
 */
export function kernelHold({ platform }: Pick<StackConfig, "platform">, { gpu }: Pick<NodeConfig, "gpu">): NodeFile {
	const held = gpu !== undefined && platform.gpuOperator?.holdKernel !== false ? kernels : [];
	return {
		path: paths.kernelHold,
		mode: "0644",
		owner: "root:root",
		content: held.length === 0 ? "" : `Unattended-Upgrade::Package-Blacklist {\n${held.map(quoted).join("")}};\n`,
	};
}

function quoted(name: string): string {
	return `\t"${name}";\n`;
}
