import { expect, test } from "vitest";
import { vmGpuByMapping } from "../../../../../policies/rules/vm/gpu-by-mapping.ts";
import { unknown, violations } from "../../run-rule.ts";

const machine = (hostpcis: unknown) => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name: "proj-k8sw04",
	props: { hostpcis },
});

test("a GPU by resource mapping passes", () => {
	expect(violations(vmGpuByMapping, machine([{ device: "hostpci0", mapping: "rtx-a4000", pcie: true }]))).toEqual([]);
});

test("a machine without GPUs passes", () => {
	expect(violations(vmGpuByMapping, machine(undefined))).toEqual([]);
});

test("a GPU by raw PCI id is refused", () => {
	expect(violations(vmGpuByMapping, machine([{ device: "hostpci0", id: "0000:0b:00" }]))).toEqual([
		"Machine proj-k8sw04 passes hostpci0 through by PCI id; name a resource mapping instead.",
	]);
});

test("a second GPU by raw PCI id is refused when the first GPU has a resource mapping", () => {
	const gpus = [
		{ device: "hostpci0", mapping: "rtx-a4000" },
		{ device: "hostpci1", id: "0000:0c:00", mapping: "gtx-1660-ti" },
	];
	expect(violations(vmGpuByMapping, machine(gpus))).toEqual([
		"Machine proj-k8sw04 passes hostpci1 through by PCI id; name a resource mapping instead.",
	]);
});

test("a GPU without a PCI id and without a resource mapping is refused", () => {
	expect(violations(vmGpuByMapping, machine([{ device: "hostpci0" }]))).toEqual([
		"Machine proj-k8sw04 passes hostpci0 through without a resource mapping; name one.",
	]);
});

test("a PCI id that is unknown at preview is refused, not skipped", () => {
	expect(violations(vmGpuByMapping, machine([{ device: "hostpci0", id: unknown }]))).toEqual([
		expect.stringContaining("hostpcis.0.id is not known at preview"),
	]);
});
