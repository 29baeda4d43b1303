import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import type { Departure } from "../../../../components/cluster/departure.ts";
import { beforeMoves, Placements } from "../../../../components/cluster/placement.ts";
import type { Restore } from "../../../../components/cluster/restore.ts";
import { type Placement, placementOf } from "../../../../src/rke2/placement.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { record } from "../recorder.ts";

const stack = labStack();
const before = placementOf(stack);
const kubeconfig = "{}";

afterEach(() => {
	vi.restoreAllMocks();
});

/** Calls the hook as the engine does. */
async function move(
	after: Placement,
	act: (departure: Departure, before: Placement, after: Placement) => Promise<void>,
	restore?: Restore,
): Promise<void> {
	let hook: pulumi.ResourceHook | undefined;
	await record(() => {
		hook = beforeMoves("moves", { stack, kubeconfig, restore }, act);
	});
	const inputs = { oldInputs: { input: before }, newInputs: { input: after } };
	await hook!.callback({ urn: "", id: "", name: "", type: "", ...inputs });
}

const moved = (...names: string[]): Placement => ({
	...before,
	...Object.fromEntries(names.map((name) => [name, { ...before[name]!, vmId: 900 + before[name]!.vmId }])),
});

test("moves are refused before images are loaded, and nodes leave after it", async () => {
	const resources = await record(() => {
		const placements = new Placements({ stack, kubeconfig, restore: undefined });
		const image = new pulumi.Stash("image", { input: 1 }, { dependsOn: placements.accepted });
		placements.vacate([image]);
	});
	const order = resources.map(({ name, dependsOn, beforeUpdate }) => [name, dependsOn, beforeUpdate]);
	expect(order).toEqual([
		["placement", [], ["placement"]],
		["image", ["placement"], []],
		["departures", expect.arrayContaining(["placement", "image"]), ["departures"]],
	]);
	expect(resources[0]!.inputs).toEqual({ input: before });
});

test("a hook acts in up, and only refuses in a preview", async () => {
	const act = vi.fn().mockResolvedValue(undefined);
	await move(moved("proj-k8sm01"), act);
	expect(act).toHaveBeenCalledExactlyOnceWith(expect.anything(), before, moved("proj-k8sm01"));

	vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
	await move(moved("proj-k8sm01"), act);
	await expect(move(moved("proj-k8sm01", "proj-k8sm02"), act)).rejects.toThrow("cannot be deleted in one `up`");
	expect(act).toHaveBeenCalledTimes(1);
});

test("beside a restore two control planes move, but not the one with the snapshot", async () => {
	const act = vi.fn().mockResolvedValue(undefined);
	const restore = { snapshot: "kept", server: "proj-k8sm02", from: "server" } as const;
	await move(moved("proj-k8sm01", "proj-k8sm03"), act, restore);
	expect(act).toHaveBeenCalledTimes(1);
	await expect(move(moved("proj-k8sm01", "proj-k8sm02"), act, restore)).rejects.toThrow(
		"nodes.proj-k8sm02: its VM would be deleted, and cluster.restore.server is this node",
	);
	expect(act).toHaveBeenCalledTimes(1);
	// The snapshot is not on its disk.
	await move(moved("proj-k8sm01", "proj-k8sm02", "proj-k8sm03"), act, { ...restore, from: "s3" });
	expect(act).toHaveBeenCalledTimes(2);
});

test("a hook does not act when its moves are refused", async () => {
	const act = vi.fn();
	await expect(move(moved("proj-k8sm01", "proj-k8sm02"), act)).rejects.toThrow("cannot be deleted in one `up`");
	expect(act).not.toHaveBeenCalled();
});
