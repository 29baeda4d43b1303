/** Snapshots of VMs before a change: when Proxmox takes one, which ones stay, and what happens when it cannot. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { upAsReviewed } from "./support/as-reviewed.ts";
import { complaints, errors, nodesOnly } from "./support/scenario.ts";

const [server, worker, other] = ["proj-k8sm01", "proj-k8sw01", "proj-k8sw02"] as const;
const anyName = /^rke2-lab-[0-9a-f]{12}$/;

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-vm-snapshots",
		stack: "lab",
		policies: false,
		change: { ...nodesOnly(server, worker, other), proxmox: { snapshotsBeforeChange: { retention: 2 } } },
		say: () => undefined,
	});
	expect(errors(await rehearsal.up())).toEqual([]);
});

afterAll(async () => {
	await rehearsal.close();
});

const cpus = (count: number) => ({ nodes: { [worker]: { cpus: count } } });
const vmIdOf = (node: string) => rehearsal.stack.nodes[node]!.vmId;
/** By node, the oldest first. */
async function inProxmox(): Promise<Record<string, string[]>> {
	const snapshots = await rehearsal.datacenter.snapshots();
	return Object.fromEntries([server, worker, other].map((node) => [node, snapshots[vmIdOf(node)]!]));
}
const inOutputs = async () => (await rehearsal.outputs()).vmSnapshots?.value;
const messages = ({ diagnostics }: EngineResult) => diagnostics.map(({ message }) => message.trim());
const about = (what: RegExp, result: EngineResult) => messages(result).filter((message) => what.test(message));

const stateOfWorker = async () => [
	await rehearsal.onNode(worker, "cat /proc/sys/kernel/random/boot_id"),
	await rehearsal.kubectl("get", "node", worker, "--output", "jsonpath={.spec.unschedulable}{.metadata.annotations}"),
];

test("a first up and one without a change take no snapshot", async () => {
	const again = await rehearsal.up();
	expect([errors(again), changeCount(again)]).toEqual([[], 0]);
	expect(await inProxmox()).toEqual({ [server]: [], [worker]: [], [other]: [] });
	expect(await inOutputs()).toEqual({});
});

test("a node is not touched when Proxmox cannot take the snapshot, which the error says in its words", async () => {
	const before = await stateOfWorker();
	const fault = { kind: "fail task", type: "qmsnapshot", message: "snapshot feature is not available" } as const;
	await rehearsal.datacenter.injectFault(fault);
	const refused = await rehearsal.up(cpus(6));
	expect(complaints(refused)).toMatch(
		new RegExp(
			`${worker}: vm-snapshot: Proxmox could not take the snapshot rke2-lab-[0-9a-f]{12} of VM ${vmIdOf(worker)}: snapshot feature is not available; this node was not changed\\. Remove the cause, or proxmox\\.snapshotsBeforeChange from the stack file, and run \`up\` again\\.`,
		),
	);
	expect(await stateOfWorker()).toEqual(before);
	expect((await inProxmox())[worker]).toEqual([]);
});

test("a preview announces the snapshot, which is there before the VM restarts, and an up after a failure finds it", async () => {
	const [boot] = await stateOfWorker();
	const [plan] = about(/takes the snapshot/, await rehearsal.preview(cpus(6)));
	const [, name] = /^proj-k8sw01: Proxmox takes the snapshot (\S+) of its VM, without memory; then /.exec(plan!)!;
	expect((await inProxmox())[worker]).toEqual([]);

	await rehearsal.datacenter.injectFault({ kind: "fail task", type: "qmreboot", message: "the host is busy" });
	const failed = await rehearsal.up(cpus(6));
	expect(complaints(failed)).toContain(`Proxmox could not restart VM ${vmIdOf(worker)}: the host is busy`);
	expect(messages(failed)).toContain(
		`${worker}: Proxmox has taken the snapshot ${name} of VM ${vmIdOf(worker)}, without its memory.`,
	);
	expect((await stateOfWorker())[0]).toBe(boot);
	expect((await inProxmox())[worker]).toEqual([name]);

	// Another goal than that of the attempt before.
	const up = await rehearsal.up(cpus(5));
	expect(errors(up)).toEqual([]);
	expect(about(/has the snapshot/, up)).toEqual([
		expect.stringMatching(new RegExp(`^${worker}: VM ${vmIdOf(worker)} has the snapshot ${name} already, `)),
	]);
	expect((await stateOfWorker())[0]).not.toBe(boot);
	expect(await inProxmox()).toEqual({ [server]: [], [worker]: [name], [other]: [] });
	expect(await inOutputs()).toEqual({ [worker]: [name] });
	// Neither the provider nor the program takes the snapshot for a change.
	expect(changeCount(await rehearsal.preview(cpus(5)))).toBe(0);
	expect(changeCount(await rehearsal.up(cpus(5), { refresh: true }))).toBe(0);
});

test("each node that changes gets a snapshot, and a VM keeps the last ones only", async () => {
	const [first] = (await inProxmox())[worker]!;
	expect(errors(await rehearsal.up(cpus(4)))).toEqual([]);
	const two = (await inProxmox())[worker]!;
	expect(two).toEqual([first, expect.stringMatching(anyName)]);

	const more = { ...cpus(6), cluster: { etcdMetrics: true } };
	await upAsReviewed(rehearsal, { change: cpus(4) }, { change: more });
	const after = await inProxmox();
	expect(after).toEqual({
		[server]: [expect.stringMatching(anyName)],
		[worker]: [two[1], expect.stringMatching(anyName)],
		[other]: [],
	});
	expect(await inOutputs()).toEqual({ [server]: after[server], [worker]: after[worker]!.toReversed() });

	// Without the key nothing restarts, and the snapshots stay.
	const off = { ...more, proxmox: { snapshotsBeforeChange: null } };
	expect(changeCount(await rehearsal.preview(off))).toBe(0);
	expect(errors(await rehearsal.up(off))).toEqual([]);
	expect([await inProxmox(), await inOutputs()]).toEqual([after, undefined]);
});
