/** Files and warnings of nodes with a GPU. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { warnings } from "../../../../src/config/checks/warnings.ts";
import { kernelHold } from "../../../../src/rke2/kernel-hold.ts";
import { labStack } from "../../../fixtures/lab.ts";

const holding = (node: string, change: object = {}) => {
	const stack = labStack(change);
	return kernelHold(stack, stack.nodes[node]!);
};

describe("the kernel of a node with a GPU", () => {
	test("is held back from unattended-upgrades, whose own list stays, as apt itself reads the files", () => {
		const directory = mkdtempSync(join(tmpdir(), "apt-"));
		onTestFinished(() => rmSync(directory, { recursive: true }));
		const file = join(directory, "apt.conf");
		const { content, path } = holding("proj-k8sw04");
		expect(path).toBe("/etc/apt/apt.conf.d/52rke2-lab-kernel");
		writeFileSync(file, `Unattended-Upgrade::Package-Blacklist { "libc6"; };\n${content}`);
		const dump = execFileSync("apt-config", ["dump", "Unattended-Upgrade::Package-Blacklist"], {
			encoding: "utf8",
			env: { ...process.env, APT_CONFIG: file },
		});
		const held = [...dump.matchAll(/Package-Blacklist:: "(.*)"/g)].map(([, name]) => new RegExp(`^${name}`));
		const isHeld = (name: string) => held.some((expression) => expression.test(name));
		const kernels = ["linux-image-6.8.0-90-generic", "linux-headers-6.8.0-90", "linux-modules-extra-6.8.0-90-generic"];
		for (const name of ["libc6", "linux-virtual", "linux-generic-hwe-24.04", "linux-image-amd64", ...kernels]) {
			expect(isHeld(name), name).toBe(true);
		}
		for (const name of ["linux-firmware", "linux-base", "linux-libc-dev", "openssh-server"]) {
			expect(isHeld(name), name).toBe(false);
		}
	});

	test("is upgraded when the stack file says so, and on nodes without a GPU", () => {
		const free = { platform: { gpuOperator: { holdKernel: false } } };
		expect(holding("proj-k8sw04", free).content).toBe("");
		expect(holding("proj-k8sw01").content).toBe("");
		expect(holding("proj-k8sm01").content).toBe("");
	});
});

test("a mapping of one function is a warning about the GPU's other functions", () => {
	const device = { id: "10de:24b0", subsystemId: "10de:14ad", iommuGroup: 12 };
	const said = (path: string) =>
		warnings(labStack({ gpus: { "rtx-a4000": { device: { ...device, path } } } })).filter(({ key }) =>
			key.startsWith("gpus."),
		);
	expect(said("0000:0b:00")).toEqual([]);
	expect(said("0000:0b:00.0")).toEqual([
		{
			key: "gpus.rtx-a4000.device.path",
			message:
				"0000:0b:00.0 passes one function of the GPU through. The VM starts only when the host uses no other function of the IOMMU group 12, such as the sound of the graphics card; 0000:0b:00 passes all functions through.",
		},
	]);
});
