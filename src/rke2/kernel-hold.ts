/** Keeps the kernel of nodes with a card: the NVIDIA driver is built for the kernel that runs. */
import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";

/**
 * Kernels by the beginnings of their packages' names, metapackages of Ubuntu and Debian among them. Expressions of
 * Python, as unattended-upgrades has them: https://github.com/mvo5/unattended-upgrades#supported-options-reference.
 */
const kernels = ["linux-image", "linux-headers", "linux-modules", "linux-generic", "linux-virtual", "linux-kvm"];

/**
 * What unattended-upgrades leaves alone, beside the image's own list: lists of apt.conf(5) add up. By hand a kernel is
 * installed as ever. The file is there on every node, without content where nothing is held, so that it follows a change.
 */
export function kernelHold({ platform }: StackConfig, { gpu }: NodeConfig): NodeFile {
	const held = gpu !== undefined && platform.gpuOperator?.holdKernel !== false ? kernels : [];
	return {
		path: "/etc/apt/apt.conf.d/52rke2-lab-kernel",
		mode: "0644",
		owner: "root:root",
		content: held.length === 0 ? "" : `Unattended-Upgrade::Package-Blacklist {\n${held.map(quoted).join("")}};\n`,
	};
}

function quoted(name: string): string {
	return `\t"${name}";\n`;
}
