import { describe, expect, test } from "vitest";
import {
	leavingNodes,
	lossOfSnapshot,
	type Placement,
	placementOf,
	refusedMoves,
} from "../../../../src/rke2/placement.ts";
import { labStack } from "../../../fixtures/lab.ts";

const lab = placementOf(labStack());
const change = (nodes: Record<string, object | null>) => placementOf(labStack({ nodes }));

/** Without some nodes; the stack file itself cannot have an even number of control planes. */
function without(...names: string[]): Placement {
	return Object.fromEntries(Object.entries(lab).filter(([name]) => !names.includes(name)));
}

const refused = (before: Placement, after: Placement) => refusedMoves(before, after, false);

describe("nodes leave", () => {
	test("when their VM gets another id or another host, and when they are no longer in the stack file", () => {
		expect(leavingNodes(lab, change({ "proj-k8sw01": { vmId: 207 } }))).toEqual(["proj-k8sw01"]);
		expect(leavingNodes(lab, change({ "proj-k8sm02": { host: "node04" } }))).toEqual(["proj-k8sm02"]);
		expect(leavingNodes(lab, change({ "proj-k8sw03": null }))).toEqual(["proj-k8sw03"]);
	});

	test("not when a node is new, or changes without another VM", () => {
		expect(leavingNodes(without("proj-k8sw03"), lab)).toEqual([]);
		expect(leavingNodes(lab, change({ "proj-k8sw01": { memoryGiB: 16 } }))).toEqual([]);
	});

	test("not when Proxmox moves the VM as it is", () => {
		const movable = { ...lab, "proj-k8sw01": { ...lab["proj-k8sw01"]!, host: undefined } } as unknown as Placement;
		expect(leavingNodes(movable, change({ "proj-k8sw01": { host: "node04" } }))).toEqual([]);
		expect(leavingNodes(movable, change({ "proj-k8sw01": { vmId: 207 } }))).toEqual(["proj-k8sw01"]);
	});
});

describe("control planes", () => {
	test("may be made anew one at a time, and workers together", () => {
		expect(refused(lab, change({ "proj-k8sm01": { vmId: 204 } }))).toEqual([]);
		const workers = { "proj-k8sw01": { vmId: 207 }, "proj-k8sw02": { vmId: 208 } };
		expect(refused(lab, change({ ...workers, "proj-k8sm01": { vmId: 204 } }))).toEqual([]);
	});

	test("may leave for good in pairs", () => {
		expect(refused(lab, without("proj-k8sm02", "proj-k8sm03"))).toEqual([]);
	});

	test("are refused when two are made anew", () => {
		const both = { "proj-k8sm01": { vmId: 204, host: "node04" }, "proj-k8sm03": { host: "node05" } };
		expect(refused(lab, change(both))).toEqual([
			"nodes.proj-k8sm01 (vmId, host), nodes.proj-k8sm03 (host): the VMs of 2 control planes cannot be deleted in one `up`, because etcd can spare one at a time; nothing was touched; set all but one back, run `up`, then change the next one",
		]);
	});

	test("are refused when one is made anew while another one leaves", () => {
		const { "proj-k8sm02": _, ...rest } = change({ "proj-k8sm01": { vmId: 204 } });
		expect(refused(lab, rest)[0]).toContain(
			"nodes.proj-k8sm01 (vmId): the VMs of 2 control planes cannot be deleted in one `up` while proj-k8sm02 leaves, ",
		);
	});

	test("are refused while they are protected, moved or removed", () => {
		const locked = placementOf(labStack({ proxmox: { protectControlPlanes: true } }));
		const sentence = (name: string) =>
			`nodes.${name}: its VM would be deleted, and proxmox.protectControlPlanes protects it; nothing was touched; set the node back and proxmox.protectControlPlanes: false, run \`up\`, then change the node`;
		expect(refused(locked, change({ "proj-k8sm01": { vmId: 204 } }))).toEqual([sentence("proj-k8sm01")]);
		const { "proj-k8sm02": _, "proj-k8sm03": __, ...rest } = locked;
		expect(refused(locked, rest)).toEqual([sentence("proj-k8sm02"), sentence("proj-k8sm03")]);
		expect(refused(locked, { ...locked, "proj-k8sw01": { ...locked["proj-k8sw01"]!, vmId: 207 } })).toEqual([]);
	});
});

describe("beside a restore", () => {
	const both = change({ "proj-k8sm01": { vmId: 204 }, "proj-k8sm03": { host: "node05" } });

	test("all control planes but the one with the snapshot may be made anew", () => {
		expect(refusedMoves(lab, both, true)).toEqual([]);
		expect(lossOfSnapshot(lab, both, "proj-k8sm02")).toEqual([]);
		expect(lossOfSnapshot(lab, both, "proj-k8sm03")).toEqual([
			"nodes.proj-k8sm03: its VM would be deleted, and cluster.restore.server is this node, which has the snapshot; nothing was touched; set the node back, or name another control plane that has the snapshot",
		]);
	});

	test("the protected ones still may not", () => {
		const locked = placementOf(labStack({ proxmox: { protectControlPlanes: true } }));
		expect(refusedMoves(locked, both, true)).toHaveLength(2);
	});
});
