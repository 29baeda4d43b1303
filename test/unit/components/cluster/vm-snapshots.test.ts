import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { resizedIn } from "../../../../components/cluster/power-cycle.ts";
import { askProxmox } from "../../../../components/cluster/proxmox-script.ts";
import {
	type Snapshot,
	type SnapshotNames,
	SnapshotsBeforeChange,
	save,
	snapshotName,
} from "../../../../components/cluster/vm-snapshots.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { record } from "../recorder.ts";
import { command, nodes, proxmoxApiToken, Recording, resolved, stack } from "./cluster-recording.ts";
import { useFakeTimeAndLog } from "./fake-time.ts";

vi.mock("../../../../components/cluster/proxmox-script.ts", () => ({ askProxmox: vi.fn() }));

const saving = labStack({ proxmox: { snapshotsBeforeChange: {} } });
const recording = await Recording.of(saving);
const upgraded = await Recording.of({ ...stack, cluster: { ...stack.cluster, version: "v1.35.8+rke2r1" } });
const newerMinor = await Recording.of({ ...stack, cluster: { ...stack.cluster, version: "v1.36.1+rke2r1" } });
const worker = stack.nodes["proj-k8sw01"]!;
const smaller = await Recording.of({ ...stack, nodes: { ...stack.nodes, "proj-k8sw01": { ...worker, cpus: 6 } } });
const inputsOf = (node: string) => ({
	oldInputs: command(`${node}-converge`).inputs,
	newInputs: upgraded.command(`${node}-converge`).inputs,
});

useFakeTimeAndLog();

afterEach(() => {
	vi.mocked(askProxmox).mockReset();
});

const nameOf = (number: number) => `rke2-lab-${`${number}`.repeat(12)}`;

/** The snapshots of a VM; each one is a minute younger than the one before. */
class Vm {
	readonly subject = "proj-k8sw01: VM 107";
	readonly calls: string[] = [];
	snapshots: Snapshot[];
	/** Happens at each list. */
	meanwhile: () => void = () => undefined;

	constructor(...names: string[]) {
		this.snapshots = names.map((name, index) => ({ name, snaptime: 1_764_547_200 + index * 60 }));
	}

	readonly list = async () => {
		this.meanwhile();
		return [{ name: "current" }, ...this.snapshots.toReversed()];
	};

	readonly take = async (name: string) => {
		this.calls.push(`take ${name}`);
	};

	readonly delete = async (name: string) => {
		this.calls.push(`delete ${name}`);
	};
}

async function saved(vm: Vm, number: number, retention = 2): Promise<string | undefined> {
	const done = save(vm, { name: nameOf(number), description: "" }, retention);
	done.catch(() => undefined);
	await vi.runAllTimersAsync();
	return done;
}

describe("saving a VM", () => {
	test("takes a snapshot first, and then deletes the oldest ones of this program only", async () => {
		const vm = new Vm("by-hand", nameOf(1), "rke2-lab-mine", nameOf(2), nameOf(3));
		expect(await saved(vm, 4)).toBeUndefined();
		expect(vm.calls).toEqual([`take ${nameOf(4)}`, `delete ${nameOf(1)}`, `delete ${nameOf(2)}`]);
	});

	test("deletes nothing while there are no more than the retention", async () => {
		const vm = new Vm(nameOf(1));
		await saved(vm, 2);
		expect(vm.calls).toEqual([`take ${nameOf(2)}`]);
		const single = new Vm(nameOf(1));
		await saved(single, 2, 1);
		expect(single.calls).toEqual([`take ${nameOf(2)}`, `delete ${nameOf(1)}`]);
	});

	test("keeps the snapshot of an attempt before, and finishes its deletions", async () => {
		const vm = new Vm(nameOf(1), nameOf(2), nameOf(3));
		expect(await saved(vm, 3)).toBe("2025-12-01 00:02 UTC");
		expect(vm.calls).toEqual([`delete ${nameOf(1)}`]);
	});

	test("takes the snapshot anew when the VM had that state earlier and another one since then", async () => {
		const vm = new Vm(nameOf(1), nameOf(2));
		expect(await saved(vm, 1)).toBeUndefined();
		expect(vm.calls).toEqual([`delete ${nameOf(1)}`, `take ${nameOf(1)}`]);
	});

	test("waits for a snapshot that is still in work, and trusts none that stays unfinished", async () => {
		const vm = new Vm(nameOf(1));
		vm.snapshots[0]!.snapstate = "prepare";
		let lists = 0;
		vm.meanwhile = () => {
			lists += 1;
			if (lists === 5) {
				delete vm.snapshots[0]!.snapstate;
			}
		};
		expect(await saved(vm, 1)).toBe("2025-12-01 00:00 UTC");

		const stuck = new Vm(nameOf(1));
		stuck.snapshots[0]!.snapstate = "prepare";
		await expect(saved(stuck, 1)).rejects.toThrow(
			`proj-k8sw01: VM 107 has the unfinished snapshot ${nameOf(1)} (prepare); look at its tasks in Proxmox, and delete the snapshot there if none runs`,
		);
		expect(stuck.calls).toEqual([]);
	});
});

describe("the name of a snapshot", () => {
	const { oldInputs, newInputs } = inputsOf("proj-k8sw01");

	test("is one that Proxmox takes, and another one for each state", () => {
		expect(snapshotName(oldInputs)).toMatch(/^rke2-lab-[0-9a-f]{12}$/);
		const drifted = { ...oldInputs, stdin: `${oldInputs.stdin}\n` };
		expect(new Set([oldInputs, newInputs, drifted].map(snapshotName)).size).toBe(3);
	});

	test("does not depend on the connection", () => {
		expect(snapshotName({ ...oldInputs, connection: { privateKey: "another" } })).toBe(snapshotName(oldInputs));
	});
});

describe("with proxmox.snapshotsBeforeChange", () => {
	test.each(nodes)(
		"the convergence of %s saves the VM before anything touches the node, by the same command",
		(node) => {
			const [plain, saves] = [command(`${node}-converge`), recording.command(`${node}-converge`)];
			expect(plain.beforeUpdate).not.toContain("cluster-vm-snapshot");
			expect(saves.beforeUpdate).toEqual([
				...plain.beforeUpdate.slice(0, -1),
				"cluster-vm-snapshot",
				"cluster-power-cycle",
			]);
			expect(saves.inputs).toEqual(plain.inputs);
		},
	);
});

describe("the hook", () => {
	const access = { stack, proxmoxApiToken: pulumi.secret(proxmoxApiToken) };

	/** One `up`: the hook of each node, and then the output. */
	async function up(changes: Record<string, object>, recorded?: SnapshotNames): Promise<SnapshotNames> {
		let snapshots: SnapshotsBeforeChange | undefined;
		await record(() => {
			snapshots = new SnapshotsBeforeChange("snapshot", access, 2);
		});
		for (const [node, given] of Object.entries(changes)) {
			await snapshots!.hook.callback({ urn: "", id: "", name: `${node}-converge`, type: "", ...given });
		}
		return resolved(snapshots!.names([], recorded));
	}

	/** Answers for a Proxmox that has no snapshot, until it takes one. */
	function answer(refusal?: string): void {
		const taken = new Map<string, string>();
		vi.mocked(askProxmox).mockImplementation(async (_script, action, node, _access, args = []) => {
			if (action === "take") {
				if (refusal !== undefined) {
					throw new Error(refusal);
				}
				taken.set(node, args[0]!);
			} else if (action === "delete") {
				taken.delete(node);
			}
			const name = taken.get(node);
			const own = name === undefined ? [] : [{ name, snaptime: 1_764_547_200 }];
			return action === "list" ? JSON.stringify({ data: [...own, { name: "current" }] }) : "";
		});
	}

	const descriptionOf = (node: string) =>
		vi.mocked(askProxmox).mock.calls.find(([, action, asked]) => action === "take" && asked === node)?.[4]?.[1];

	test("takes a snapshot, says so, and leaves its name in the outputs beside those of other nodes", async () => {
		answer();
		const change = inputsOf("proj-k8sw01");
		const name = snapshotName(change.oldInputs);
		const found = await up({ "proj-k8sw01": change }, { "proj-k8sw02": [nameOf(1)] });
		expect(pulumi.log.info).toHaveBeenCalledWith(
			`proj-k8sw01: Proxmox has taken the snapshot ${name} of VM ${stack.nodes["proj-k8sw01"]!.vmId}, without its memory.`,
		);
		expect(descriptionOf("proj-k8sw01")).toBe(
			"proj-k8sw01 with RKE2 v1.35.7+rke2r1 before a change by Pulumi, without memory. Then: RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1.",
		);
		expect(found).toEqual({ "proj-k8sw01": [name] });
	});

	test("finds the snapshot of an attempt before", async () => {
		answer();
		const change = inputsOf("proj-k8sw01");
		await up({ "proj-k8sw01": change });
		await up({ "proj-k8sw01": change });
		expect(pulumi.log.info).toHaveBeenLastCalledWith(
			`proj-k8sw01: VM ${stack.nodes["proj-k8sw01"]!.vmId} has the snapshot ${snapshotName(change.oldInputs)} already, which an \`up\` before this one took on 2025-12-01 00:00 UTC.`,
		);
	});

	test("warns in Proxmox of the way back of a control plane", async () => {
		answer();
		await up({ "proj-k8sm01": inputsOf("proj-k8sm01") });
		expect(descriptionOf("proj-k8sm01")).toMatch(/ Do not go back to it: .* Restore a snapshot of etcd\.$/);
	});

	test("takes none for a node that does not restart, and the output has what Proxmox lists", async () => {
		answer();
		const { oldInputs } = inputsOf("proj-k8sw01");
		const recorded = { "proj-k8sw01": [nameOf(1)], "former-node": [nameOf(2)] };
		expect(await up({ "proj-k8sw01": { oldInputs, newInputs: oldInputs } }, recorded)).toEqual({});
		expect(new Set(vi.mocked(askProxmox).mock.calls.map(([, action]) => action))).toEqual(new Set(["list"]));
	});

	test("a preview asks nothing, and the output is that of an earlier up, without former nodes", async () => {
		vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
		const recorded = { "proj-k8sw01": [nameOf(1)], "former-node": [nameOf(2)], "proj-k8sw02": [] };
		expect(await up({}, recorded)).toEqual({ "proj-k8sw01": [nameOf(1)] });
		expect(askProxmox).not.toHaveBeenCalled();
	});

	test("deletes the snapshot of a state to which a restore of etcd has brought the node back, and no other", async () => {
		answer();
		const change = inputsOf("proj-k8sw01");
		const upgrade = { ...change, newInputs: newerMinor.command("proj-k8sw01-converge").inputs };
		await up({ "proj-k8sw01": upgrade });
		const rollback = { oldInputs: upgrade.newInputs, newInputs: upgrade.oldInputs };
		expect(await up({ "proj-k8sw01": rollback }, { "proj-k8sw01": [nameOf(1)] })).toEqual({});
		vi.mocked(askProxmox).mockClear();
		await up({ "proj-k8sw01": rollback });
		expect(vi.mocked(askProxmox).mock.calls.map(([, action]) => action)).not.toContain("delete");
	});

	test("takes none at a rollback, also when the VM gets another size", async () => {
		answer();
		const [runs, wanted] = [newerMinor, smaller].map((one) => one.command("proj-k8sw01-converge").inputs);
		expect(resizedIn(runs, wanted)).not.toEqual([]);
		await up({ "proj-k8sw01": { oldInputs: runs, newInputs: wanted } });
		expect(vi.mocked(askProxmox).mock.calls.map(([, action]) => action)).not.toContain("take");
	});

	test("says at a rollback that the node has changed when Proxmox does not delete a snapshot", async () => {
		const { oldInputs } = inputsOf("proj-k8sw01");
		const name = snapshotName(oldInputs);
		vi.mocked(askProxmox).mockImplementation(async (_script, action) => {
			if (action === "delete") {
				throw new Error("proj-k8sw01: vm-snapshot: VM is locked");
			}
			return JSON.stringify({ data: [{ name, snaptime: 1 }] });
		});
		const restored = { oldInputs: newerMinor.command("proj-k8sw01-converge").inputs, newInputs: oldInputs };
		await expect(up({ "proj-k8sw01": restored })).rejects.toThrow(
			`proj-k8sw01: vm-snapshot: VM is locked; the restore of etcd is done on this node, and the next change would take the snapshot ${name} for its own. Delete it in Proxmox, and run \`up\` again.`,
		);
	});

	test("stops the up when Proxmox refuses, in its words, and names the key", async () => {
		answer("proj-k8sw01: vm-snapshot: Proxmox could not take the snapshot: snapshot feature is not available");
		await expect(up({ "proj-k8sw01": inputsOf("proj-k8sw01") })).rejects.toThrow(
			"proj-k8sw01: vm-snapshot: Proxmox could not take the snapshot: snapshot feature is not available; this node was not changed. Remove the cause, or proxmox.snapshotsBeforeChange from the stack file, and run `up` again.",
		);
	});

	test("warns when Proxmox does not list the snapshots of a node at the end, and the output has those of before", async () => {
		answer();
		const change = inputsOf("proj-k8sw01");
		const asked = vi.mocked(askProxmox).getMockImplementation()!;
		vi.mocked(askProxmox).mockImplementation(async (...args) => {
			if (args[2] === "proj-k8sw02") {
				throw new Error("proj-k8sw02: vm-snapshot: no answer");
			}
			return asked(...args);
		});
		expect(await up({ "proj-k8sw01": change }, { "proj-k8sw02": [nameOf(1)] })).toEqual({
			"proj-k8sw01": [snapshotName(change.oldInputs)],
			"proj-k8sw02": [nameOf(1)],
		});
		expect(pulumi.log.warn).toHaveBeenCalledWith(
			"The output vmSnapshots has for proj-k8sw02 what an earlier `up` found: proj-k8sw02: vm-snapshot: no answer.",
		);
	});
});
