import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { announceRollout } from "../../../../components/cluster/rollout-plan.ts";
import { snapshotName } from "../../../../components/cluster/vm-snapshots.ts";
import { record } from "../recorder.ts";
import { command, Recording, stack } from "./cluster-recording.ts";
import { useFakeTimeAndLog } from "./fake-time.ts";

const upgraded = await Recording.of({ ...stack, cluster: { ...stack.cluster, version: "v1.35.8+rke2r1" } });

useFakeTimeAndLog();

test("the time of workers that restart together is that of the slowest one", async () => {
	vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
	const batches = [["proj-k8sm01"], ["proj-k8sw01"], ["proj-k8sw02", "proj-k8sw03"]];
	let hook: pulumi.ResourceHook | undefined;
	await record(() => {
		hook = announceRollout("plan", false, batches);
	});
	for (const [index, node] of batches.flat().entries()) {
		const name = `${node}-converge`;
		const [oldInputs, newInputs] = [command(name).inputs, upgraded.command(name).inputs];
		const oldOutputs = { stdout: `the last restart took ${60 - index} s\n` };
		await hook!.callback({ urn: "", id: "", name, type: "", oldInputs, newInputs, oldOutputs });
	}
	const said = vi.mocked(pulumi.log.info).mock.calls.map(([line]) => line.replace(/^.*v1\.35\.8\+rke2r1\./, ""));
	expect(said).toEqual([
		" The last restart took 60 s.",
		" The last restart took 59 s. The 2 nodes up to here took about 2 min.",
		" The last restart took 58 s. The 3 nodes up to here took about 3 min.",
		" The last restart took 57 s. The 4 nodes up to here took about 3 min.",
	]);
});

test("a snapshot of the VM is announced for a node that restarts only", async () => {
	vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
	const announce = async (saves: boolean, given: object) => {
		let hook: pulumi.ResourceHook | undefined;
		await record(() => {
			hook = announceRollout("plan", saves, [["proj-k8sw01"]]);
		});
		await hook!.callback({ urn: "", id: "", name: "proj-k8sw01-converge", type: "", ...given });
		return vi.mocked(pulumi.log.info).mock.lastCall![0];
	};
	const change = {
		oldInputs: command("proj-k8sw01-converge").inputs,
		newInputs: upgraded.command("proj-k8sw01-converge").inputs,
	};
	const restart = "the node is drained and RKE2 restarts, because RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1.";
	expect(await announce(true, change)).toBe(
		`proj-k8sw01: Proxmox takes the snapshot ${snapshotName(change.oldInputs)} of its VM, without memory; then ${restart}`,
	);
	expect(await announce(false, change)).toBe(`proj-k8sw01: ${restart}`);
	expect(await announce(true, { ...change, newInputs: change.oldInputs })).toBe("proj-k8sw01: nothing restarts.");
});
