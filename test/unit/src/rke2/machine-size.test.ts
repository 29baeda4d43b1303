import { expect, test } from "vitest";
import { isSizePending, resizedKeys, sizeArguments, sizeIn } from "../../../../src/rke2/machine-size.ts";

const size = { cpus: 6, memoryGiB: 12, diskGiB: 200 };
const gibibyte = 2 ** 30;
/** A machine as its kernel and its file system report it: somewhat less than Proxmox gives. */
const capacity = { cpus: 6, memoryBytes: 11.6 * gibibyte, fileSystemBytes: 195 * gibibyte };

test("the size in a command line of converge.sh is what its arguments give", () => {
	const line = `/opt/converge.sh proj-k8sw01 agent v1.35.7+rke2r1 ${sizeArguments(size).join(" ")} 300 120 ${"a".repeat(64)}`;
	expect(sizeIn(line)).toEqual(size);
	expect(sizeIn(line.replace("converge", "join"))).toBeUndefined();
});

test("each key that changes is named with both values", () => {
	expect(resizedKeys(size, { ...size, memoryGiB: 16, diskGiB: 250 })).toEqual([
		"memoryGiB 12 becomes 16",
		"diskGiB 200 becomes 250",
	]);
	expect(resizedKeys(size, { ...size, diskGiB: 150 })).toEqual([]);
});

test.each([
	["has the size", {}, false],
	["has fewer CPUs", { cpus: 4 }, true],
	["has more CPUs", { cpus: 8 }, true],
	["has less memory than the kernel could keep for itself", { memoryBytes: 11.4 * gibibyte }, true],
	["has more memory than it should", { memoryBytes: 15.6 * gibibyte }, true],
	["has not grown its file system", { fileSystemBytes: 146 * gibibyte }, true],
	["has an unknown file system", { fileSystemBytes: Number.NaN }, true],
	["has a larger disk, which cannot become smaller", { fileSystemBytes: 240 * gibibyte }, false],
])("a machine that %s", (_, difference, pending) => {
	expect(isSizePending({ ...capacity, ...difference }, size)).toBe(pending);
});
