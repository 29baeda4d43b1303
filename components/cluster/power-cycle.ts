import type { CoreV1Api, V1Node } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiPort } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import {
	isSizePending,
	type MachineCapacity,
	type MachineSize,
	resizedKeys,
	sizeIn,
} from "../../src/rke2/machine-size.ts";
import { serverAnswers } from "./answering.ts";
import { whenAnswered } from "./api-answers.ts";
import { type Connect, connectWith } from "./api-client.ts";
import { NodeDrain } from "./drain.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { refuseOutside } from "./outside-window.ts";
import { askProxmox, type ProxmoxAccess } from "./proxmox-script.ts";

/** How long a guest may take to shut down. systemd gives each of its services 90 s. */
const shutdownSeconds = 180;
/** How long RKE2 may take to bring its components up on a node that has booted. */
const startSeconds = 300;
/**
 * After this time a node whose kubelet has stopped is not Ready any more: the controller manager waits 50 s by default
 * (kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager, node-monitor-grace-period), and RKE2
 * leaves that alone.
 */
const silenceSeconds = 60;
/** Marks a node that this program has cordoned, so that a later `up` takes the cordon back and not that of a person. */
const mark = "rke2-lab/cordoned-for-power-cycle";
const markPath = `/metadata/annotations/${mark.replace("/", "~1")}`;

type Inputs = Record<string, unknown> | undefined;

function sizesIn(oldInputs: Inputs, newInputs: Inputs): { runs: MachineSize; wanted: MachineSize } | undefined {
	const [runs, wanted] = [oldInputs, newInputs].map((inputs) => sizeIn(String(inputs?.create)));
	return runs && wanted ? { runs, wanted } : undefined;
}

/** Phrases about the size of a node's machine that an update of its converge command changes; none when it is the same. */
export function resizedIn(oldInputs: Inputs, newInputs: Inputs): string[] {
	const sizes = sizesIn(oldInputs, newInputs);
	return sizes ? resizedKeys(sizes.runs, sizes.wanted) : [];
}

export interface PowerCycleArgs extends ProxmoxAccess {
	stack: Pick<StackConfig, "cluster" | "nodes" | "proxmox" | "ssh">;
	/** The administrator's, as the last `up` recorded it; none before the first one, which resizes nothing. */
	kubeconfig: string | undefined;
}

/**
 * Restarts the VM of a node whose size has changed: Proxmox applies other CPUs and other memory only then, and the guest's file
 * system takes the whole system disk when it boots. Bind the hook to the update of the converge commands. One VM at a time
 * restarts. https://pve.proxmox.com/wiki/Hotplug_(qemu_disk,nic,cpu,memory)
 *
 * @param name unique in the program
 */
export function powerCycleWhenResized(name: string, args: PowerCycleArgs): pulumi.ResourceHook {
	// Also where cluster.maxUnavailableWorkers lets several workers converge at the same time.
	const queue = new OneAtATime();
	const { maintenanceWindow } = args.stack.cluster;
	return new pulumi.ResourceHook(name, async ({ name: resource, oldInputs, newInputs }) => {
		const sizes = sizesIn(oldInputs, newInputs);
		const reasons = resizedIn(oldInputs, newInputs);
		if (!sizes || reasons.length === 0 || args.kubeconfig === undefined) {
			return;
		}
		const node = resource.slice(0, -nodeStepName("", "converge").length);
		const ask = async (action: "check" | "restart") => {
			await askProxmox("power-cycle.sh", action, node, args, [`${shutdownSeconds}`]);
		};
		const machine = { check: () => ask("check"), restart: () => ask("restart") };
		const cycle = new PowerCycle(connectWith(args.kubeconfig), args.stack, machine);
		await queue.run(async () => {
			// It may have closed while other VMs restarted.
			if (maintenanceWindow) {
				await refuseOutside(maintenanceWindow, resource);
			}
			await cycle.run(node, { ...sizes, reasons });
		});
	});
}

/** The VM of one node, by Proxmox. */
export interface Machine {
	/** @throws Error when Proxmox does not show the VM */
	check: () => Promise<void>;
	/** Ends when the VM runs again. */
	restart: () => Promise<void>;
}

export interface Resize {
	/** The size before this `up`. */
	runs: MachineSize;
	wanted: MachineSize;
	/** Why, for people. */
	reasons: readonly string[];
}

/** One node is drained, its VM restarts, and the node takes pods again. */
export class PowerCycle {
	readonly #connect: Connect;
	readonly #stack: PowerCycleArgs["stack"];
	readonly #machine: Machine;

	/** @param connect with the rights of the administrator */
	constructor(connect: Connect, stack: PowerCycleArgs["stack"], machine: Machine) {
		this.#connect = connect;
		this.#stack = stack;
		this.#machine = machine;
	}

	/**
	 * Restarts nothing where the machine has the size already: a person may have restarted it, or an earlier `up` that failed later. A
	 * change within the tolerance of the comparison cannot be seen there, and restarts the VM.
	 *
	 * @throws Error before anything has changed if etcd cannot spare the server, or if its pods do not leave
	 */
	async run(name: string, { runs, wanted, reasons }: Resize): Promise<void> {
		const core = await this.#connect(({ CoreV1Api }) => CoreV1Api);
		const node = await core.readNode({ name });
		const has = capacityOf(node);
		if (isSizePending(has, wanted) || !isSizePending(has, runs)) {
			await this.#machine.check();
			await this.#restart(core, node, reasons);
			await this.#untilItWorks(core, name, node.status?.nodeInfo?.bootID);
		} else {
			await this.#untilItWorks(core, name);
		}
		await this.#takePodsAgain(core, name);
	}

	async #restart(core: CoreV1Api, node: V1Node, reasons: readonly string[]): Promise<void> {
		const name = node.metadata!.name!;
		await this.#requireSpareServers(name);
		const drained = isReady(node);
		if (drained) {
			await this.#drain(core, node);
		} else {
			await pulumi.log.warn(`${name} is not Ready, so its VM restarts without being drained.`);
		}
		await pulumi.log.info(`${name}: its VM shuts down and starts again, because ${reasons.join(", ")}.`);
		try {
			await this.#machine.restart();
		} catch (error) {
			const { message } = error as Error;
			if (!drained) {
				throw error;
			}
			if (await this.#runsAsBefore(core, name, node.status?.nodeInfo?.bootID)) {
				await this.#takePodsAgain(core, name);
				throw new Error(`${message}; the VM runs as before, and the node takes pods again`);
			}
			throw new Error(
				`${message}; its pods have left, and it takes none until an \`up\` has restarted it. Do not set the size back before the VM has restarted`,
			);
		}
	}

	/** Whether the guest has not begun to shut down, which stops its kubelet. */
	async #runsAsBefore(core: CoreV1Api, name: string, boot: string | undefined): Promise<boolean> {
		await new Promise((resolve) => setTimeout(resolve, silenceSeconds * 1_000));
		const node = await core.readNode({ name }).catch(() => undefined);
		return node !== undefined && node.status?.nodeInfo?.bootID === boot && isReady(node) && (await this.#serves(name));
	}

	/** Etcd has to keep its quorum while the server is away. The only server of a cluster takes the API with it. */
	async #requireSpareServers(name: string): Promise<void> {
		const servers = Object.entries(this.#stack.nodes).filter(([, { role }]) => role === "control-plane");
		if (!servers.some(([server]) => server === name) || servers.length === 1) {
			return;
		}
		const others = servers.filter(([server]) => server !== name);
		const answers = await Promise.all(others.map(([, { address }]) => serverAnswers(this.#connect, address)));
		const silent = others.filter((_, index) => !answers[index]).map(([server]) => server);
		const needed = Math.floor(servers.length / 2) + 1;
		if (others.length - silent.length < needed) {
			throw new Error(
				silent.length === 0
					? `${name} cannot be stopped: etcd needs ${needed} of the ${servers.length} servers; the VM was not touched`
					: `${name} cannot be stopped, because ${silent.join(", ")} does not answer at port ${apiPort}, and etcd needs ${needed} of the ${servers.length} servers; the VM was not touched; repair ${silent.join(", ")} first`,
			);
		}
	}

	/** Another server may fail meanwhile, so the servers are asked again. */
	async #drain(core: CoreV1Api, { metadata, spec }: V1Node): Promise<void> {
		const name = metadata!.name!;
		const isOurs = !spec?.unschedulable || metadata?.annotations?.[mark] !== undefined;
		if (isOurs) {
			// In one patch, so that no mark outlives a run that ends here and meets the cordon of a person later.
			const cordon = { op: "add", path: "/spec/unschedulable", value: true };
			const body = [...annotations(metadata), { op: "add", path: markPath, value: "true" }, cordon];
			await core.patchNode({ name, body });
		}
		const { gpuNodes, ...others } = this.#stack.cluster.drain;
		try {
			await new NodeDrain(core, name, "cannot be stopped").run(this.#stack.nodes[name]!.gpu ? gpuNodes : others);
			await this.#requireSpareServers(name);
		} catch (error) {
			await this.#takePodsAgain(core, name);
			throw error;
		}
	}

	/** @param formerBoot id of a boot that has to be over */
	async #untilItWorks(core: CoreV1Api, name: string, formerBoot?: string): Promise<void> {
		const limit = this.#stack.ssh.bootTimeoutSeconds + startSeconds;
		const end = Date.now() + limit * 1_000;
		while (Date.now() < end) {
			// The address of the API may be on its way to another server.
			const node = await core.readNode({ name }).catch(() => undefined);
			const booted = node?.status?.nodeInfo?.bootID !== formerBoot;
			if (node && booted && isReady(node) && (await this.#serves(name))) {
				return;
			}
			await new Promise((resolve) => setTimeout(resolve, 1_000));
		}
		throw new Error(
			`${name} does not work ${limit} s after its VM was restarted, so no other node was touched; look at the machine's console in Proxmox and at RKE2 on the node, then run \`up\` again`,
		);
	}

	async #serves(name: string): Promise<boolean> {
		const { role, address } = this.#stack.nodes[name]!;
		return role !== "control-plane" || (await serverAnswers(this.#connect, address));
	}

	/** Only where this program has cordoned the node. */
	async #takePodsAgain(core: CoreV1Api, name: string): Promise<void> {
		const uncordon = async () => {
			const { metadata } = await core.readNode({ name });
			if (metadata?.annotations?.[mark] !== undefined) {
				const schedulable = { op: "add", path: "/spec/unschedulable", value: false };
				await core.patchNode({ name, body: [schedulable, { op: "remove", path: markPath }] });
			}
		};
		await whenAnswered(uncordon);
	}
}

/** An object without annotations has no place for one. */
function annotations(metadata: V1Node["metadata"]): object[] {
	return metadata?.annotations ? [] : [{ op: "add", path: "/metadata/annotations", value: {} }];
}

function isReady({ status }: Pick<V1Node, "status">): boolean {
	return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/**
 * The kubelet reports whole CPUs, and bytes (k8s.io/kubernetes, pkg/kubelet/cadvisor/util.go, CapacityFromMachineInfo), which the API
 * server writes with the largest unit that divides them (k8s.io/apimachinery, pkg/api/resource, Quantity).
 */
function capacityOf({ status }: V1Node): MachineCapacity {
	const amount = (resource: string) => {
		const [, count, unit = ""] = /^(\d{1,18})([KMGT]i)?$/.exec(status?.capacity?.[resource] ?? "") ?? [];
		return Number(count) * 1024 ** ["", "Ki", "Mi", "Gi", "Ti"].indexOf(unit);
	};
	return { cpus: amount("cpu"), memoryBytes: amount("memory"), fileSystemBytes: amount("ephemeral-storage") };
}
