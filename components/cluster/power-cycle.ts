import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
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
import { type Connect, connectWith } from "./api-client.ts";
import { NodeDrain } from "./drain.ts";
import { scriptText } from "./scripts.ts";

/** How long a guest may take to shut down. systemd gives each of its services 90 s. */
const shutdownSeconds = 180;
/** How long RKE2 may take to bring its components up on a node that has booted. */
const startSeconds = 300;
/** Marks a node that this program has cordoned, so that a later `up` takes the cordon back and not that of a person. */
const mark = "rke2-lab/cordoned-for-power-cycle";
const markPath = `/metadata/annotations/${mark.replace("/", "~1")}`;

type Inputs = Record<string, unknown> | undefined;

/** Phrases about the size of a node's machine that an update of its converge command changes; none when it is the same. */
export function resizedIn(oldInputs: Inputs, newInputs: Inputs): string[] {
	const [runs, wanted] = [oldInputs, newInputs].map((inputs) => sizeIn(String(inputs?.create)));
	return runs && wanted ? resizedKeys(runs, wanted) : [];
}

export interface PowerCycleArgs {
	stack: Pick<StackConfig, "cluster" | "nodes" | "proxmox" | "ssh">;
	proxmoxApiToken: pulumi.Output<string>;
	/** The administrator's, as the last `up` recorded it; none before the first one, which resizes nothing. */
	kubeconfig: string | undefined;
}

/**
 * Restarts the VM of a node whose size has changed: Proxmox applies other CPUs and other memory only then, and the guest's file
 * system takes the whole system disk when it boots. Bind the hook to the update of the converge commands, which are one chain, so
 * that one node at a time is away. https://pve.proxmox.com/wiki/Hotplug_(qemu_disk,nic,cpu,memory)
 *
 * @param name unique in the program
 */
export function powerCycleWhenResized(name: string, args: PowerCycleArgs): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ name: resource, oldInputs, newInputs }) => {
		const reasons = resizedIn(oldInputs, newInputs);
		if (reasons.length === 0 || args.kubeconfig === undefined) {
			return;
		}
		const node = resource.slice(0, -nodeStepName("", "converge").length);
		const token = await new Promise<string>((resolve) => {
			args.proxmoxApiToken.apply(resolve);
		});
		const restart = () => restartByProxmox(node, args.stack, token);
		const cycle = new PowerCycle(connectWith(args.kubeconfig), args.stack, { restart, reasons });
		await cycle.run(node, sizeIn(String(newInputs?.create))!);
	});
}

interface Act {
	/** Restarts the VM, and ends when Proxmox has started it. */
	restart: () => Promise<void>;
	/** Why, for people. */
	reasons: readonly string[];
}

/** One node is drained, its VM restarts, and the node takes pods again. */
export class PowerCycle {
	readonly #connect: Connect;
	readonly #stack: PowerCycleArgs["stack"];
	readonly #act: Act;

	/** @param connect with the rights of the administrator */
	constructor(connect: Connect, stack: PowerCycleArgs["stack"], act: Act) {
		this.#connect = connect;
		this.#stack = stack;
		this.#act = act;
	}

	/**
	 * Does nothing where the machine has the size already: a person may have restarted it, or an earlier `up` that failed later.
	 *
	 * @throws Error before anything has changed if etcd cannot spare the server, or if its pods do not leave
	 */
	async run(name: string, size: MachineSize): Promise<void> {
		const core = await this.#connect(({ CoreV1Api }) => CoreV1Api);
		const node = await core.readNode({ name });
		if (!isSizePending(capacityOf(node), size)) {
			await this.#takePodsAgain(core, node);
			return;
		}
		await this.#requireSpareServers(name);
		await this.#drain(core, node);
		await pulumi.log.info(`${name}: its VM shuts down and starts again, because ${this.#act.reasons.join(", ")}.`);
		await this.#act.restart();
		await this.#takePodsAgain(core, await this.#returned(core, node));
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
					? `${name} cannot be stopped: etcd needs ${needed} of the ${servers.length} servers; nothing was touched`
					: `${name} cannot be stopped, because ${silent.join(", ")} does not answer at port ${apiPort}, and etcd needs ${needed} of the ${servers.length} servers; nothing was touched; repair ${silent.join(", ")} first`,
			);
		}
	}

	/** A node that is not Ready has nothing that could evict its pods. */
	async #drain(core: CoreV1Api, { metadata, spec, status }: V1Node): Promise<void> {
		const name = metadata!.name!;
		if (!isReady({ status: status! })) {
			await pulumi.log.warn(`${name} is not Ready, so its VM restarts without being drained.`);
			return;
		}
		if (!spec?.unschedulable) {
			// The annotation first: a run that ends in between leaves nothing worse than an annotation.
			await core.patchNode({ name, body: [...annotations(metadata), { op: "add", path: markPath, value: "true" }] });
		}
		const { gpuNodes, ...others } = this.#stack.cluster.drain;
		await new NodeDrain(core, name, "cannot be stopped").run(this.#stack.nodes[name]!.gpu ? gpuNodes : others);
	}

	/** @returns the Node once the kubelet has reported the new boot and is ready */
	async #returned(core: CoreV1Api, before: V1Node): Promise<V1Node> {
		const name = before.metadata!.name!;
		const limit = this.#stack.ssh.bootTimeoutSeconds + startSeconds;
		const end = Date.now() + limit * 1_000;
		while (Date.now() < end) {
			// The address of the API may be on its way to another server.
			const node = await core.readNode({ name }).catch(() => undefined);
			const booted = node?.status?.nodeInfo?.bootID !== before.status?.nodeInfo?.bootID;
			if (node && booted && isReady(node) && (await this.#serves(name))) {
				return node;
			}
			await new Promise((resolve) => setTimeout(resolve, 1_000));
		}
		throw new Error(
			`${name} is not back within ${limit} s after its VM was started, so no other node was touched; look at the machine's console in Proxmox and at RKE2 on the node, then run \`up\` again`,
		);
	}

	async #serves(name: string): Promise<boolean> {
		const { role, address } = this.#stack.nodes[name]!;
		return role !== "control-plane" || (await serverAnswers(this.#connect, address));
	}

	/** Only where this program has cordoned the node. */
	async #takePodsAgain(core: CoreV1Api, { metadata }: V1Node): Promise<void> {
		if (metadata?.annotations?.[mark] !== undefined) {
			const body = [
				{ op: "add", path: "/spec/unschedulable", value: false },
				{ op: "remove", path: markPath },
			];
			await core.patchNode({ name: metadata.name!, body });
		}
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

/** @throws Error with the script's sentence */
async function restartByProxmox(node: string, { nodes, proxmox }: PowerCycleArgs["stack"], token: string) {
	const { host, vmId } = nodes[node]!;
	const api = new URL("/api2/json", proxmox.endpoint).href;
	const script = spawn("bash", ["-s", "--", node, api, host, `${vmId}`, `${shutdownSeconds}`]);
	const [complaint, [status]] = await Promise.all([
		text(script.stderr),
		once(script, "close"),
		script.stdin.end(`${scriptText("power-cycle.sh")}${token}\n`),
	]);
	if (status !== 0) {
		throw new Error(
			`${complaint.trim()}; its pods have left, and it takes none until an \`up\` has restarted it, or you uncordon it`,
		);
	}
}
