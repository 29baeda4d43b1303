/** Nodes that come, move and leave: a cluster of one server grows to three servers and shrinks again. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { type Side, upAsReviewed } from "./support/as-reviewed.ts";
import { complaints, eventually, nodesOnly } from "./support/scenario.ts";

const [first, second, third] = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
const [worker, companion] = ["proj-k8sw01", "proj-k8sw02"] as const;
/** Merge patch of the stack file that the cluster has now. Each test adds its own. */
const nodes: Record<string, object | null> = { [second]: null, [third]: null };

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-membership",
		stack: "lab",
		policies: false,
		change: nodesOnly(first, second, third, worker, companion),
		say: () => undefined,
	});
	expect(complaints(await up())).toBe("");
});

afterAll(async () => {
	await rehearsal.close();
});

const up = () => rehearsal.up({ nodes });
/** The stack file as it is now, for a later review. */
const side = (): Side => ({ change: { nodes: { ...nodes } } });
const uidOf = (node: string) => rehearsal.kubectl("get", "node", node, "--output", "jsonpath={.metadata.uid}");
const said = ({ diagnostics }: EngineResult) => diagnostics.map(({ message }) => message.trim());

/** Every node of the stack file is a member, and another `up` has nothing to do. */
async function expectComplete(): Promise<void> {
	expect(await rehearsal.verify()).toMatchObject({ nodesReady: 5, etcdVoters: 3, problems: [] });
	expect(changeCount(await rehearsal.preview({ nodes }))).toBe(0);
}

/** Refused before Proxmox or the cluster is touched. */
async function expectRefusal(
	change: Record<string, object | null>,
	sentence: RegExp,
	attempts: ("preview" | "up")[],
): Promise<void> {
	// The address of the API may be on its way to another server.
	const uids = () =>
		eventually(() => rehearsal.kubectl("get", "nodes", "--output", "jsonpath={.items[*].metadata.uid}"));
	const before = [await uids(), await rehearsal.datacenter.inventory()];
	for (const attempt of attempts) {
		const refused = await rehearsal[attempt]({ nodes: { ...nodes, ...change } });
		expect(complaints(refused)).toMatch(sentence);
		expect(changeCount(refused)).toBe(0);
	}
	expect([await uids(), await rehearsal.datacenter.inventory()]).toEqual(before);
}

test("two servers join, and a worker moves to another host: it is drained, leaves, and is a member again under its name", async () => {
	const before = await uidOf(worker);
	const old = side();
	delete nodes[second];
	delete nodes[third];
	nodes[worker] = { host: "node04" };
	const moved = await upAsReviewed(rehearsal, old, side());
	expect(said(moved)).toContain(`${worker} has left the cluster; now its VM may be deleted.`);
	expect(await uidOf(worker)).not.toBe(before);
	await expectComplete();
});

test("two servers do not move in one up, which the preview says too", async () => {
	const both = { [first]: { vmId: 204 }, [third]: { host: "node05" } };
	await expectRefusal(
		both,
		/nodes\.proj-k8sm01 \(vmId\), nodes\.proj-k8sm03 \(host\): the VMs of 2 control planes cannot be deleted in one `up`, .* nothing was touched/,
		["preview", "up"],
	);
});

test("a living server does not move while another one is dead, and the dead one does: here the first server, which joins like any other", async () => {
	const before = await uidOf(first);
	await rehearsal.power(first, "stop");
	await expectRefusal(
		{ [second]: { host: "node05" } },
		/proj-k8sm02 cannot leave, because proj-k8sm01 does not answer at port 6443, and etcd needs 2 of the 2 servers that stay; nothing was touched; repair proj-k8sm01 first, or replace that one instead/,
		["up"],
	);
	nodes[first] = { host: "node05" };
	const replaced = await up();
	expect(complaints(replaced)).toBe("");
	expect(said(replaced)).toContain(`${first} does not answer, so it leaves without being drained.`);
	expect(await uidOf(first)).not.toBe(before);
	await expectComplete();
});

test("a worker whose VM a person deleted is a member again after a refresh", async () => {
	const before = await uidOf(companion);
	await rehearsal.deleteMachine(companion);
	expect(complaints(await rehearsal.up({ nodes }, { refresh: true }))).toBe("");
	expect(await uidOf(companion)).not.toBe(before);
	await expectComplete();
});

test("two servers and a worker leave the cluster before their VMs are deleted", async () => {
	const leaving = [second, third, worker];
	const old = side();
	for (const node of leaving) {
		nodes[node] = null;
	}
	const removed = await upAsReviewed(rehearsal, old, side());
	expect(said(removed)).toEqual(
		expect.arrayContaining(leaving.map((node) => `${node} has left the cluster; now its VM may be deleted.`)),
	);
	expect((await rehearsal.datacenter.inventory()).vms).toBe(2);
	const left = await rehearsal.kubectl("get", "nodes,secrets", "--namespace", "kube-system", "--output", "name");
	expect(left).toContain(`node/${first}`);
	for (const node of leaving) {
		expect(left).not.toContain(node);
	}
	expect(changeCount(await rehearsal.preview({ nodes }))).toBe(0);
});
