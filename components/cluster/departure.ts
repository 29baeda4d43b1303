import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiPort } from "../../src/facts/network.ts";
import { leavingNodes, type Placement } from "../../src/rke2/placement.ts";
import { serverAnswers } from "./answering.ts";
import type { Connect } from "./api-client.ts";
import { AttachedVolumes } from "./attached-volumes.ts";
import { NodeDrain } from "./drain.ts";
import { Membership } from "./membership.ts";

/** Takes nodes out of a cluster through its API, before their machines are deleted. */
export class Departure {
	readonly #connect: Connect;
	readonly #limits: StackConfig["cluster"]["drain"];
	readonly #restoring: boolean;

	/**
	 * @param connect with the rights of the administrator
	 * @param restoring whether the same `up` restores etcd, which then needs no quorum before
	 */
	constructor(connect: Connect, limits: StackConfig["cluster"]["drain"], restoring: boolean) {
		this.#connect = connect;
		this.#limits = limits;
		this.#restoring = restoring;
	}

	/**
	 * One node after another: the other servers have to keep their quorum without it, then the node is drained, and removed. A node
	 * whose kubelet is dead is not drained: its pods cannot answer, and Kubernetes deletes them with the Node.
	 *
	 * @throws Error before the first node has changed if the cluster cannot spare the servers
	 */
	async removeAll(before: Placement, after: Placement): Promise<void> {
		await this.check(before, after);
		const leaving = leavingNodes(before, after);
		if (leaving.length > 0 && (await this.#isLost(before, after))) {
			await pulumi.log.warn(
				`No control plane that stays answers, so ${leaving.join(", ")} leaves without being drained, and the restored cluster forgets it.`,
			);
			return;
		}
		const membership = await Membership.of(this.#connect);
		const alive = await Promise.all(leaving.map((name) => membership.isAlive(name)));
		// The dead ones first: until they are removed, etcd counts them for the quorum.
		const order = [...leaving.filter((_, index) => !alive[index]), ...leaving.filter((_, index) => alive[index])];
		for (const name of order) {
			if (!(await membership.has(name))) {
				continue;
			}
			if (alive[leaving.indexOf(name)]) {
				const { gpuNodes, ...others } = this.#limits;
				const core = await this.#connect(({ CoreV1Api }) => CoreV1Api);
				const volumes = new AttachedVolumes(core, await this.#connect(({ StorageV1Api }) => StorageV1Api));
				await new NodeDrain(core, name, "cannot leave", volumes).run(before[name]!.gpu ? gpuNodes : others);
			} else {
				await pulumi.log.warn(`${name} does not answer, so it leaves without being drained.`);
			}
			await membership.remove(name);
			await pulumi.log.info(`${name} has left the cluster; now its VM may be deleted.`);
		}
	}

	/**
	 * Each server that stays is asked through its own API server, which asks its own etcd: the answer proves a quorum. Etcd counts the
	 * servers that leave no longer once they are removed, but until then they may be as dead as they are now.
	 *
	 * @throws Error if the cluster cannot spare the servers that leave
	 */
	async check(before: Placement, after: Placement): Promise<void> {
		const departing = leavingNodes(before, after).filter((name) => before[name]!.role === "server");
		if (departing.length === 0 || (await this.#isLost(before, after))) {
			return;
		}
		const others = stayingServers(before, after);
		const silent = await this.#silent(before, others);
		const needed = Math.floor(others.length / 2) + 1;
		if (others.length - silent.length < needed) {
			throw new Error(
				others.length === 0
					? `${departing.join(", ")} cannot leave: no server would be left, and with it the cluster's data would be gone; nothing was touched`
					: `${departing.join(", ")} cannot leave, because ${silent.join(", ")} does not answer at port ${apiPort}, and etcd needs ${needed} of the ${others.length} servers that stay; nothing was touched; repair ${silent.join(", ")} first, or replace that one instead`,
			);
		}
		if (silent.length > 0) {
			await pulumi.log.warn(`${silent.join(", ")} does not answer; etcd keeps its quorum without it.`);
		}
	}

	/** Whether no API can take a node out of the cluster, which the restore of this `up` begins with one member. */
	async #isLost(before: Placement, after: Placement): Promise<boolean> {
		const servers = stayingServers(before, after);
		return this.#restoring && (await this.#silent(before, servers)).length === servers.length;
	}

	async #silent(placement: Placement, servers: readonly string[]): Promise<string[]> {
		const answers = await Promise.all(servers.map((name) => serverAnswers(this.#connect, placement[name]!.address)));
		return servers.filter((_, index) => !answers[index]);
	}
}

function stayingServers(before: Placement, after: Placement): string[] {
	const leaving = leavingNodes(before, after);
	return Object.keys(before).filter((name) => before[name]!.role === "server" && !leaving.includes(name));
}
