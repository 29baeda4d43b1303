/** Changes that a running node cannot make by itself: they are reported, and the reported action is enough. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { upAsReviewed } from "./support/as-reviewed.ts";
import { complaints, errors, eventually, nodesOnly } from "./support/scenario.ts";

const node = "proj-k8sw01";
const smaller = { cpus: 6, memoryGiB: 12, diskGiB: 200 };
const taints = ["gpu=shared:NoSchedule", "gpu:PreferNoSchedule"];

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-node-changes",
		stack: "lab",
		policies: false,
		// Two workers: a drain that has nowhere to move pods to waits for their disruption budgets.
		change: nodesOnly("proj-k8sm01", node, "proj-k8sw02"),
		say: () => undefined,
	});
	const up = await rehearsal.up();
	expect(errors(up)).toEqual([]);
	expect(warnings(up)).toEqual([]);
});

afterAll(async () => {
	await rehearsal.close();
});

const change = (keys: Record<string, unknown>) => ({ nodes: { [node]: keys } });
const rke2 = () => rehearsal.onNode(node, "systemctl show --property MainPID --value rke2-agent.service");
const size = () => rehearsal.onNode(node, "sh -c 'grep -c ^processor /proc/cpuinfo; grep MemTotal /proc/meminfo'");

/** Sends the traffic for other nodes' pods to an unused address. */
const loseEverything =
	'for address in $(bridge fdb show dev flannel.1 | cut -d" " -f1); ' +
	"do bridge fdb replace $address dev flannel.1 dst 10.25.20.250; done";

/** Offload of the device for pods' traffic to other nodes. */
async function offload(): Promise<string | undefined> {
	const features = await rehearsal.onNode(node, "ethtool --show-features flannel.1");
	return /tx-checksum-ip-generic: (on|off)/.exec(features)?.[1];
}

const messages = ({ diagnostics }: EngineResult) => diagnostics.map(({ message }) => message.trim());

/** About nodes: the hosts of the lab are fuller than they should be, which is said every time. */
function warnings({ diagnostics }: EngineResult): string[] {
	return diagnostics
		.filter(({ severity }) => severity === "warning")
		.flatMap(({ message }) => message.split("\n"))
		.filter((line) => line.startsWith("nodes."));
}

test("preview and up are refused when the capacity of local volumes changes", async () => {
	const volumes = () => rehearsal.kubectl("get", "persistentvolumes", "--output", "jsonpath={.items[*].spec.capacity}");
	const before = await volumes();
	const larger = { platform: { storage: { volumeGiB: 200 } } };
	for (const attempt of [await rehearsal.preview(larger), await rehearsal.up(larger)]) {
		expect(complaints(attempt)).toMatch(
			/platform\.storage\.volumeGiB: proj-k8sw0\d-volume-\d\d has 100Gi and cannot become 200Gi; /,
		);
	}
	expect(await volumes()).toBe(before);
});

test("the overlay's checksum offload changes on a running node, and up fails when the overlay carries no traffic", async () => {
	await eventually(async () => expect(await offload()).toBe("off"));
	await rehearsal.onNode(node, "ip link delete flannel.1");
	// The device is complete when it forwards to both other nodes.
	const forwarded = async () => (await rehearsal.onNode(node, "bridge fdb show dev flannel.1")).trim().split("\n");
	await eventually(async () => expect((await forwarded()).length).toBeGreaterThanOrEqual(2));
	expect(await offload()).toBe("off");
	const before = await rke2();
	const offloading = { cluster: { canal: { checksumOffload: true } } };
	// As with wrong checksums: what is encapsulated leaves the node, and no pod gets it.
	await rehearsal.onNode(node, `sh -c '${loseEverything}'`);
	const cut = await rehearsal.up({ ...offloading, platform: { checks: { timeoutSeconds: 20 } } });
	expect(cut.succeeded).toBe(false);
	expect(complaints(cut)).toMatch(
		/Pods of different nodes do not reach each other: .*proj-k8sw01.*cluster\.canal\.checksumOffload must be false.* UDP port 8472/,
	);
	await rehearsal.onNode(node, "ip link delete flannel.1");
	expect(errors(await rehearsal.up(offloading))).toEqual([]);
	expect([await offload(), await rke2()]).toEqual(["on", before]);
	expect(changeCount(await rehearsal.preview(offloading))).toBe(0);
	await upAsReviewed(rehearsal, { change: offloading }, { change: {} });
	expect([await offload(), await rke2()]).toEqual(["off", before]);
});

test("a changed size reaches a worker by a restart of its VM, which the preview announces", async () => {
	const [other, before] = ["proj-k8sw02", await size()];
	const processOfOther = () => rehearsal.onNode(other, "systemctl show --property MainPID --value rke2-agent.service");
	const untouched = await processOfOther();
	// The provider grows the disk of a running machine, but not together with what the machine has to be stopped for.
	const grown = await rehearsal.up(change({ diskGiB: smaller.diskGiB }));
	expect([errors(grown), warnings(grown)]).toEqual([[], []]);
	expect(messages(grown)).toContain(`${node}: its VM shuts down and starts again, because diskGiB 150 becomes 200.`);
	expect(await size()).toBe(before);

	expect(messages(await rehearsal.preview(change(smaller)))).toContain(
		`${node}: the node is drained and its VM restarts, because cpus 8 becomes 6; memoryGiB 32 becomes 12.`,
	);
	const up = await upAsReviewed(
		rehearsal,
		{ change: change({ diskGiB: smaller.diskGiB }) },
		{ change: change(smaller) },
	);
	expect(warnings(up)).toEqual([]);
	expect(await size()).toMatch(/^6\nMemTotal: +12\d{6} kB$/m);
	expect([await unschedulable(), await processOfOther()]).toEqual(["", untouched]);
	expect(changeCount(await rehearsal.preview(change(smaller)))).toBe(0);
});

test("a restart is announced by the preview, refused outside the maintenance window, and held up by a disruption budget, which the error names before the node takes pods again", async () => {
	const server = "proj-k8sm01";
	const changed = (more: object = {}) => ({ ...change(smaller), cluster: { etcdMetrics: true, ...more } });
	const state = async () => [
		await rehearsal.onNode(server, "systemctl show --property MainPID --value rke2-server.service"),
		await rehearsal.kubectl("get", "node", server, "--output", "jsonpath={.spec.unschedulable}"),
	];
	const manifest = fileURLToPath(new URL("../../rehearsal/scenarios/support/held-by-a-budget.yaml", import.meta.url));
	await rehearsal.kubectl("apply", "--filename", manifest);
	await rehearsal.kubectl("rollout", "status", "deployment/held", "--namespace", "held", "--timeout=60s");
	const before = await state();

	const plan = (await rehearsal.preview(changed())).diagnostics.map(({ message }) => message).join("\n");
	expect(plan).toContain(
		`${server}: the node is drained and RKE2 restarts, because /etc/rancher/rke2/config.yaml has other etcd-expose-metrics.`,
	);
	expect(plan).not.toMatch(/proj-k8sw0\d: the node is drained/);

	const inThreeDays = new Date(Date.now() + 3 * 86_400_000);
	const weekday = inThreeDays.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }).toLowerCase();
	const maintenanceWindow = { weekday, start: "01:00", end: "05:00" };
	const closed = await rehearsal.up(changed({ maintenanceWindow }));
	expect(complaints(closed)).toMatch(
		/proj-k8sm01-converge: cluster\.maintenanceWindow is closed and opens on .* UTC; /,
	);

	const drain = { timeoutSeconds: 10, gracePeriodSeconds: 5 };
	const held = await rehearsal.up(changed({ drain }));
	expect(complaints(held)).toMatch(
		/proj-k8sm01: converge: these pods have not left within 10 s, so the node takes pods again and nothing was changed; .*held\/held-\S+: The disruption budget held needs 1 healthy pods and has 1 currently.*; let them leave, or raise cluster\.drain, and run `up` again/,
	);
	expect(await state()).toEqual(before);

	await rehearsal.kubectl("delete", "--filename", manifest);
	expect(errors(await rehearsal.up(changed()))).toEqual([]);
	const [process, unschedulable] = await state();
	expect(process).not.toBe(before[0]);
	expect(unschedulable).toBe("");
});

test("the convergence stops with the command to run when a taint changed", async () => {
	const before = await rke2();
	const refused = complaints(await rehearsal.up(change({ ...smaller, taints })));
	expect(refused).toContain(
		"nodes.proj-k8sw01.taints is not what the node has (missing on the node: gpu:PreferNoSchedule gpu=shared:NoSchedule; only on the node: none)",
	);
	expect([await rke2(), await unschedulable()]).toEqual([before, ""]);

	await rehearsal.kubectl(...commandIn(refused));
	const up = await rehearsal.up(change({ ...smaller, taints }));
	expect(errors(up)).toEqual([]);
	expect(warnings(up)).toEqual([]);
	expect(await rke2()).not.toBe(before);
	expect(changeCount(await rehearsal.preview(change({ ...smaller, taints })))).toBe(0);
});

test("the convergence stops with the command to run when a taint has another value or is removed", async () => {
	const wanted = change({ ...smaller, taints: ["gpu=own:NoSchedule"] });
	const refused = complaints(await rehearsal.up(wanted));
	expect(refused).toContain(
		"(missing on the node: gpu=own:NoSchedule; only on the node: gpu:PreferNoSchedule gpu=shared:NoSchedule)",
	);
	await rehearsal.kubectl(...commandIn(refused));
	expect(errors(await rehearsal.up(wanted))).toEqual([]);
	expect(await rehearsal.kubectl("get", "node", node, "--output", "jsonpath={.spec.taints[*].value}")).toBe("own");
	expect(changeCount(await rehearsal.preview(wanted))).toBe(0);
});

const unschedulable = () => rehearsal.kubectl("get", "node", node, "--output", "jsonpath={.spec.unschedulable}");

/** Arguments of the kubectl command in a complaint. */
function commandIn(complaint: string): string[] {
	return /`kubectl (.*?)`/.exec(complaint)![1]!.split(" ");
}
