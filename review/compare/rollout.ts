/** What a change does to the nodes, in the order of `up`. */
import { convergedStateIn } from "../../components/cluster/converged-state.ts";
import { resizedIn } from "../../components/cluster/power-cycle.ts";
import { nodeStepName, nodeStepOf } from "../../src/facts/resource-names.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import type { RecordedCluster, RecordedNode, RecordedResource, StackRecording } from "../recording/recording.ts";
import { interruptionsOf } from "./interruptions.ts";
import { isWithin } from "./replacements.ts";
import type { ResourceChange } from "./resources.ts";
import type { Interruption, StackReview, Step } from "./review.ts";
import { workersTogether } from "./workers-together.ts";

const machineType = "proxmoxve:index/vmLegacy:VmLegacy";

/**
 * Properties of a VM that Proxmox keeps pending until the VM is stopped and started, and for which `up` does not do that, as it does
 * for another size. By default Proxmox changes disks and network cards at once.
 * https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_options (hotplug)
 */
const pendingProperties = [
	"cpu.type",
	"cpu.numa",
	"hostpcis",
	"machine",
	"bios",
	"efiDisk",
	"scsiHardware",
	"serialDevices",
	"agent",
	"operatingSystem",
];

/** The disruption of a change, by what happens to which nodes. */
export interface Disruption {
	/** Nodes on which RKE2 restarts, after a drain. */
	restarted: string[];
	/** How many of these, all of them workers, restart at the same time at the most. */
	together: number;
	/** Nodes whose VM `up` restarts, after a drain of its own. */
	vmRestarted: string[];
	joined: string[];
	/** Nodes whose VM is destroyed and created anew. */
	replaced: string[];
	removed: string[];
	/** Nodes whose VM an administrator has to stop and start. */
	powerCycled: string[];
	/** Nodes whose network interface changes while they run. */
	rewired: string[];
	/** What the platform interrupts although no node restarts. */
	interrupted: Interruption[];
	/** Whether etcd goes back to a snapshot. */
	restore: boolean;
	/** Nodes that go back to an older minor in the restore. */
	rolledBack: string[];
	/** Nodes with a GPU that are drained. */
	withoutGpu: string[];
	api: string;
}

export function rolloutOf(
	changes: readonly ResourceChange[],
	before: StackRecording,
	after: StackRecording,
): { rollout: StackReview["rollout"]; disruption: Disruption } {
	const restarts = new Map(changes.flatMap((change) => restartOf(change)));
	const machines = changes.filter(({ old, now }) => (now ?? old)!.type === machineType);
	const named = (action: ResourceChange["action"]) =>
		machines.filter((change) => change.action === action).map(({ old, now }) => (now ?? old)!.name);
	const order = inOrder(after);
	const sorted = (names: readonly string[]) => order.filter((name) => names.includes(name));
	const steps = stepsOf(order, named("create"), named("replace"), restarts);
	const having = (kind: keyof Restart) => order.filter((name) => (restarts.get(name)?.[kind].length ?? 0) > 0);
	const disruption: Disruption = {
		restarted: having("rke2"),
		together: workersTogether(having("rke2"), after.nodes, after.cluster),
		vmRestarted: having("vm"),
		joined: sorted(named("create")),
		replaced: sorted(named("replace")),
		removed: named("delete"),
		powerCycled: sorted(machines.filter(isPending).map(({ now }) => now!.name)),
		rewired: sorted(machines.filter(changesNetwork).map(({ now }) => now!.name)),
		interrupted: interruptionsOf(changes, { before, after }),
		restore: changes.some(startsRestore),
		rolledBack: sorted(changes.flatMap(rollbackOf)),
		withoutGpu: after.nodes.filter(({ name, gpu }) => gpu && restarts.has(name)).map(({ name }) => name),
		api: "",
	};
	disruption.api = apiSentence(disruption, before.nodes, after);
	const { removed, powerCycled, rewired, interrupted } = disruption;
	const notes = notesOf(disruption, after);
	return { rollout: { steps, removed, powerCycled, rewired, interrupted, notes }, disruption };
}

/** Why a node that stays a member restarts. The VM comes first, and RKE2 after another drain. */
interface Restart {
	vm: string[];
	rke2: string[];
}

function restartOf(change: ResourceChange): [string, Restart][] {
	if (!isConvergence(change) || rollbackOf(change).length > 0) {
		return [];
	}
	const [runs, wanted] = statesOf(change);
	const vm = resizedIn(change.old.inputs, change.now.inputs);
	const rke2 = runs && wanted ? reasonsToRestart(runs, wanted) : ["its files or release are not known before `up`"];
	return vm.length + rke2.length > 0 ? [[nodeOf(change.now), { vm, rke2 }]] : [];
}

/** The node, if a restore takes it back to an older minor. */
function rollbackOf(change: ResourceChange): string[] {
	const [runs, wanted] = isConvergence(change) ? statesOf(change) : [];
	return runs && wanted && goesBack(runs.version, wanted.version) ? [nodeOf(change.now!)] : [];
}

type Convergence = ResourceChange & { old: RecordedResource; now: RecordedResource };

function isConvergence(change: ResourceChange): change is Convergence {
	return change.old !== undefined && change.now !== undefined && nodeStepOf(change.now.name) === "converge";
}

function statesOf({ old, now }: Convergence) {
	return [convergedStateIn(old.inputs), convergedStateIn(now.inputs)] as const;
}

function nodeOf({ name }: RecordedResource): string {
	return name.slice(0, -nodeStepName("", "converge").length);
}

/** Nodes in the order of their converge commands: each waits for the one before, or for a batch of workers. */
function inOrder({ resources, nodes }: StackRecording): string[] {
	const converges = resources.filter(
		({ type, name }) => type === "command:remote:Command" && nodeStepOf(name) === "converge",
	);
	const waits = new Map(
		converges.map((one) => [
			nodeOf(one),
			converges.filter((other) => one.dependsOn.includes(`${other.type}::${other.name}`)).map(nodeOf),
		]),
	);
	const done = new Set<string>();
	// The order of the stack file is nearly that of the chain, so that few nodes wait for a later one.
	const visit = (name: string): void => {
		const open = [name];
		for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
			const missing = (waits.get(top) ?? []).find((other) => !done.has(other));
			if (missing === undefined) {
				done.add(top);
				open.pop();
			} else {
				open.push(missing);
			}
		}
	};
	for (const { name } of nodes) {
		visit(name);
	}
	return [...done];
}

/** Neighbours with the same reasons are one step. */
function stepsOf(
	order: readonly string[],
	created: readonly string[],
	replaced: readonly string[],
	restarts: ReadonlyMap<string, Restart>,
): Step[] {
	const steps: Step[] = [];
	for (const name of order) {
		const { vm = [], rke2 = [] } = restarts.get(name) ?? {};
		const because = [...vm, ...rke2];
		const does = replaced.includes(name) ? "create" : created.includes(name) ? "join" : doesRestart(vm, rke2);
		const last = steps.at(-1);
		if (does && last?.does === does && JSON.stringify(last.because) === JSON.stringify(because)) {
			last.nodes.push(name);
		} else if (does) {
			steps.push({ nodes: [name], does, because });
		}
	}
	return steps;
}

function doesRestart({ length: vm }: readonly string[], { length: rke2 }: readonly string[]): Step["does"] | undefined {
	if (vm > 0) {
		return rke2 > 0 ? "restart-vm-and-rke2" : "restart-vm";
	}
	return rke2 > 0 ? "restart" : undefined;
}

function isPending({ action, changes }: ResourceChange): boolean {
	return (
		action === "update" && changes.some(({ path }) => pendingProperties.some((property) => isWithin(path, property)))
	);
}

/** Proxmox changes a network interface at once, without a drain and without an order of the nodes. */
function changesNetwork({ action, changes }: ResourceChange): boolean {
	return action === "update" && changes.some(({ path }) => isWithin(path, "networkDevices"));
}

function startsRestore({ action, now }: ResourceChange): boolean {
	return action === "create" && now?.type === "command:remote:Command" && nodeStepOf(now.name) === "restore";
}

function apiSentence(disruption: Disruption, before: readonly RecordedNode[], after: StackRecording): string {
	const servers = before.filter(({ role }) => role === "control-plane").map(({ name }) => name);
	if (disruption.restore) {
		return "The API is interrupted for some minutes: all control planes stop for the restore.";
	}
	if (disruption.rewired.some((name) => servers.includes(name))) {
		return "The API may be interrupted: the network of control planes changes at once.";
	}
	const { restarted, vmRestarted, replaced, removed } = disruption;
	const stops = [...restarted, ...vmRestarted, ...replaced, ...removed].filter((name) => servers.includes(name));
	if (stops.length === 0) {
		return "The API is not interrupted.";
	}
	if (servers.length < 3) {
		return "The API is interrupted while its control plane restarts.";
	}
	return after.cluster?.apiMode === "dns"
		? "The API stays reachable on the other control planes; a client that holds the address of the restarting one connects again."
		: "The API stays reachable on the other control planes.";
}

function notesOf(disruption: Disruption, { cluster, nodes }: StackRecording): string[] {
	const { vmRestarted, replaced, removed, powerCycled, rewired, interrupted, restore, rolledBack, withoutGpu } =
		disruption;
	// A node whose VM and RKE2 restart is drained twice.
	const restarted = [...vmRestarted, ...disruption.restarted];
	const drains = restarted.map((restarts) => nodes.find(({ name }) => name === restarts)!.drainSeconds);
	return [
		...(restore
			? [
					"etcd goes back to the snapshot of cluster.restore: each object is again as it was then, and each change since then is lost. Volumes keep their data.",
				]
			: []),
		...(rolledBack.length > 0
			? [`${list(rolledBack)}: the restore brings the older release of RKE2, and all pods stop without a drain.`]
			: []),
		...(rewired.length > 0
			? [
					`${list(rewired)}: Proxmox changes the network interface of the running VM at once, without a drain and on all of these nodes together.`,
				]
			: []),
		...interrupted.map(({ detail }) => detail),
		...([...replaced, ...removed].length > 0
			? [
					`${list([...replaced, ...removed])}: \`up\` drains the node and takes it out of the cluster before it destroys the VM with its disks. Local persistent volumes on it are lost.`,
				]
			: []),
		...(powerCycled.length > 0
			? [
					`${list(powerCycled)}: the change stays pending in Proxmox until you drain the node and stop and start its VM. \`up\` does not do that.`,
				]
			: []),
		...(withoutGpu.length > 0
			? [`Pods with a GPU stop while ${list(withoutGpu)} ${withoutGpu.length > 1 ? "are" : "is"} drained.`]
			: []),
		...(movesAddress(disruption.restarted, nodes, cluster)
			? [
					"The API's address leaves each control plane before RKE2 restarts there: open connections to it break, and clients connect again.",
				]
			: []),
		...(movesAddress(vmRestarted, nodes, cluster)
			? [
					"The API's address moves when the VM that holds it restarts: open connections to it break, and clients may wait some seconds until they can connect again.",
				]
			: []),
		...(restarted.length > 0 && cluster
			? [
					...(disruption.together > 1
						? [
								`Up to ${disruption.together} workers restart at the same time; the first worker of the stack file is before them.`,
							]
						: []),
					`All drains together take at most ${Math.ceil(drains.reduce((sum, seconds) => sum + seconds, 0) / 60)} min; each restart comes on top.`,
					...(cluster.maintenanceWindow
						? [`\`up\` restarts nodes only in the maintenance window: ${cluster.maintenanceWindow}.`]
						: []),
				]
			: []),
	];
}

/** In the other modes the address is not on a control plane. */
function movesAddress(
	restarted: readonly string[],
	nodes: readonly RecordedNode[],
	cluster?: RecordedCluster,
): boolean {
	const servers = nodes.filter(({ role }) => role === "control-plane");
	const holds = cluster?.apiMode === "kube-vip" || cluster?.apiMode === "keepalived";
	return holds && servers.length > 1 && servers.some(({ name }) => restarted.includes(name));
}

function list(names: readonly string[]): string {
	return names.join(", ");
}
