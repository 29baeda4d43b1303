import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";
import { convergenceRestarts } from "./maintenance-window.ts";
import { resizedIn } from "./power-cycle.ts";
import { askProxmox, type ProxmoxAccess } from "./proxmox-script.ts";

/** The key of the stack file. */
const key = "proxmox.snapshotsBeforeChange";
/** Snapshots of people have other names. */
const ownName = /^rke2-lab-[0-9a-f]{12}$/;
/** Seconds for which a snapshot of an `up` that ended early may still be in work. */
const patienceSeconds = 60;

type Inputs = Record<string, unknown> | undefined;

/** Names of the snapshots that this program has taken of a node's VM, the newest first. Nodes without one are left out. */
export type SnapshotNames = Readonly<Record<string, readonly string[]>>;

/**
 * Name of the snapshot that has the state which the inputs of a converge command describe. While a change is not done, Pulumi keeps the
 * inputs of before, so that each attempt at it has the same name, also one with another goal. The inputs have secrets as keyed digests
 * only, and Proxmox takes at most 40 characters.
 */
export function snapshotName(inputs: Inputs): string {
	const state = [inputs?.create, inputs?.stdin].filter((input) => typeof input === "string");
	return `rke2-lab-${createHash("sha256").update(JSON.stringify(state)).digest("hex").slice(0, 12)}`;
}

/** An entry of the list of Proxmox. */
export interface Snapshot {
	name: string;
	/** In seconds, by the clock of the host. */
	snaptime?: number | string;
	/** While Proxmox takes or deletes it, or when it has ended half-way. */
	snapstate?: string;
}

/** The snapshots of one VM, by Proxmox. Each call ends when it is done. */
export interface VmSnapshots {
	/** The node and the VM, for people. */
	subject: string;
	list: () => Promise<readonly Snapshot[]>;
	take: (name: string, description: string) => Promise<void>;
	delete: (name: string) => Promise<void>;
}

/** Snapshots of the nodes' VMs, each before RKE2 or the VM restarts. */
export class SnapshotsBeforeChange {
	/** Bind it to the update of the converge commands, before the first hook that touches the node. */
	readonly hook: pulumi.ResourceHook;
	readonly #access: ProxmoxAccess;

	/**
	 * @param name of the hook, unique in the program
	 * @param retention how many snapshots of this program a VM keeps
	 */
	constructor(name: string, access: ProxmoxAccess, retention: number) {
		this.#access = access;
		this.hook = new pulumi.ResourceHook(name, async ({ name: resource, oldInputs, newInputs }) => {
			const node = resource.slice(0, -nodeStepName("", "converge").length);
			const vm = snapshotsOf(node, access);
			if (isRollback(oldInputs, newInputs)) {
				await forget(vm, snapshotName(newInputs));
			} else if (convergenceRestarts(oldInputs, newInputs)) {
				const { role, vmId } = access.stack.nodes[node]!;
				const snapshot = { name: snapshotName(oldInputs), description: describe(node, role, oldInputs, newInputs) };
				const taken = await save(vm, snapshot, retention).catch(refuse);
				await pulumi.log.info(
					taken === undefined
						? `${node}: Proxmox has taken the snapshot ${snapshot.name} of VM ${vmId}, without its memory.`
						: `${node}: VM ${vmId} has the snapshot ${snapshot.name} already, which an \`up\` before this one took on ${taken}.`,
				);
			}
		});
	}

	/**
	 * The snapshots as Proxmox lists them after the last node. A preview does not ask.
	 *
	 * @param done the last steps of the nodes
	 * @param recorded what an earlier `up` found
	 */
	names(done: readonly pulumi.Resource[], recorded: SnapshotNames = {}): pulumi.Output<SnapshotNames> {
		const nodes = Object.keys(this.#access.stack.nodes);
		return pulumi.all(done.map(({ urn }) => urn)).apply(async () => {
			const found = nodes.map(async (node): Promise<[string, readonly string[]]> => {
				const before = recorded[node] ?? [];
				return [node, pulumi.runtime.isDryRun() ? before : await this.#namesOf(node, before)];
			});
			return Object.fromEntries((await Promise.all(found)).filter(([, names]) => names.length > 0));
		});
	}

	async #namesOf(node: string, recorded: readonly string[]): Promise<readonly string[]> {
		try {
			const own = await ownSnapshots(snapshotsOf(node, this.#access));
			return own.map(({ name }) => name).toReversed();
		} catch (error) {
			await pulumi.log.warn(
				`The output vmSnapshots has for ${node} what an earlier \`up\` found: ${(error as Error).message}.`,
			);
			return recorded;
		}
	}
}

/** Whether a restore of etcd has brought the node an older release. */
function isRollback(oldInputs: Inputs, newInputs: Inputs): boolean {
	const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
	return runs !== undefined && wanted !== undefined && goesBack(runs.version, wanted.version);
}

/** A snapshot of the first time in a state would be taken for one of the second time. */
async function forget(vm: VmSnapshots, name: string): Promise<void> {
	try {
		const own = await ownSnapshots(vm);
		if (own.some((one) => one.name === name)) {
			await vm.delete(name);
		}
	} catch (error) {
		throw new Error(
			`${(error as Error).message}; the restore of etcd is done on this node, and the next change would take the snapshot ${name} for its own. Delete it in Proxmox, and run \`up\` again.`,
		);
	}
}

function refuse({ message }: Error): never {
	throw new Error(
		`${message}; this node was not changed. Remove the cause, or ${key} from the stack file, and run \`up\` again.`,
	);
}

/**
 * Takes a snapshot, and deletes the oldest ones of this program. One that has the state of before this change already stays: the node may
 * be half-changed by now.
 *
 * @returns when the snapshot was taken, if it is there already
 */
export async function save(
	vm: VmSnapshots,
	{ name, description }: { name: string; description: string },
	retention: number,
): Promise<string | undefined> {
	const own = await ownSnapshots(vm);
	const newest = own.at(-1);
	if (newest?.name !== name) {
		// The VM had this state earlier, and another one since then.
		if (own.some((one) => one.name === name)) {
			await vm.delete(name);
		}
		await vm.take(name, description);
	}
	const others = own.filter((one) => one.name !== name);
	for (const old of others.slice(0, Math.max(0, others.length - (retention - 1)))) {
		await vm.delete(old.name);
	}
	return newest?.name === name ? timeOf(newest) : undefined;
}

/** The oldest first. */
async function ownSnapshots(vm: VmSnapshots): Promise<Snapshot[]> {
	const end = Date.now() + patienceSeconds * 1_000;
	for (;;) {
		const own = (await vm.list()).filter(({ name }) => ownName.test(name));
		const unfinished = own.find(({ snapstate }) => snapstate !== undefined);
		if (!unfinished) {
			return own.toSorted((a, b) => Number(a.snaptime) - Number(b.snaptime));
		}
		if (Date.now() >= end) {
			throw new Error(
				`${vm.subject} has the unfinished snapshot ${unfinished.name} (${unfinished.snapstate}); look at its tasks in Proxmox, and delete the snapshot there if none runs`,
			);
		}
		await new Promise((resolve) => setTimeout(resolve, 1_000));
	}
}

function snapshotsOf(node: string, access: ProxmoxAccess): VmSnapshots {
	const ask = (action: string, ...args: string[]) => askProxmox("vm-snapshot.sh", action, node, access, args);
	return {
		subject: `${node}: VM ${access.stack.nodes[node]!.vmId}`,
		list: async () => (JSON.parse(await ask("list")) as { data: Snapshot[] }).data,
		take: async (name, description) => void (await ask("take", name, description)),
		delete: async (name) => void (await ask("delete", name)),
	};
}

/** For people who see the snapshot in Proxmox. */
function describe(
	node: string,
	role: StackConfig["nodes"][string]["role"],
	oldInputs: Inputs,
	newInputs: Inputs,
): string {
	const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
	const reasons = [...resizedIn(oldInputs, newInputs), ...(runs && wanted ? reasonsToRestart(runs, wanted) : [])];
	const change = reasons.length === 0 ? "" : ` Then: ${reasons.join("; ")}.`;
	const release = runs ? ` with RKE2 ${runs.version}` : "";
	const warning =
		role === "control-plane"
			? " Do not go back to it: a control plane that forgets what it knew breaks etcd. Restore a snapshot of etcd."
			: "";
	return `${node}${release} before a change by Pulumi, without memory.${change}${warning}`;
}

function timeOf({ snaptime }: Snapshot): string {
	return `${new Date(Number(snaptime) * 1_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
