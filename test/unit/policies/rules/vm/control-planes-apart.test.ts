import { expect, test } from "vitest";
import { vmControlPlanesApart } from "../../../../../policies/rules/vm/control-planes-apart.ts";
import { stackViolations, unknown } from "../../run-rule.ts";

const machine = (name: string, nodeName: string, role: string) => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name,
	// As at preview: what the provider computes is unknown.
	props: { nodeName, tags: ["astronomy-lab", role, "rke2"], macAddresses: unknown, id: unknown },
});

test("control planes on three hosts pass beside workers", () => {
	expect(
		stackViolations(vmControlPlanesApart, [
			machine("proj-k8sm01", "node01", "control-plane"),
			machine("proj-k8sm02", "node02", "control-plane"),
			machine("proj-k8sm03", "node03", "control-plane"),
			machine("proj-k8sw01", "node01", "worker"),
			machine("proj-k8sw02", "node01", "worker"),
		]),
	).toEqual([]);
});

test("a second control plane on a host is refused by name", () => {
	expect(
		stackViolations(vmControlPlanesApart, [
			machine("proj-k8sm01", "node01", "control-plane"),
			machine("proj-k8sm02", "node02", "control-plane"),
			machine("proj-k8sm03", "node01", "control-plane"),
			machine("proj-k8sw03", "node03", "worker"),
		]),
	).toEqual([
		"proj-k8sm03: Control planes proj-k8sm01 and proj-k8sm03 are both on host node01; give nodes.proj-k8sm03.host another one, as node03.",
	]);
});

test("a host that is unknown at preview is refused, not skipped", () => {
	expect(stackViolations(vmControlPlanesApart, [machine("proj-k8sm01", unknown, "control-plane")])).toEqual([
		expect.stringContaining("nodeName is not known at preview"),
	]);
});
