import type { CoordinationV1Api, CoreV1Api, V1Node } from "@kubernetes/client-node";
import { statusOf, whenAnswered } from "./api-answers.ts";
import type { Connect } from "./api-client.ts";

/** Kubelets renew the lease of their node every 10 s. */
const leaseRenewalSeconds = 15;
const memberRemovalSeconds = 120;
const nodeDeletionSeconds = 60;

const etcdLabel = "node-role.kubernetes.io/etcd";
const memberName = "etcd.rke2.cattle.io/node-name";
const removal = "etcd.rke2.cattle.io/remove";
const removed = "etcd.rke2.cattle.io/removed-node-name";

/** The nodes of a cluster as its API has them. */
export class Membership {
	readonly #core: CoreV1Api;
	readonly #leases: CoordinationV1Api;

	private constructor(core: CoreV1Api, leases: CoordinationV1Api) {
		this.#core = core;
		this.#leases = leases;
	}

	/** @param connect with the rights of the administrator */
	static async of(connect: Connect): Promise<Membership> {
		const core = await connect(({ CoreV1Api }) => CoreV1Api);
		return new Membership(core, await connect(({ CoordinationV1Api }) => CoordinationV1Api));
	}

	async has(name: string): Promise<boolean> {
		return (await this.#node(name)) !== undefined;
	}

	/**
	 * Whether the cluster has a Node of that name, and a kubelet keeps it alive. The conditions of a Node say so only about a minute
	 * later, so that this looks at the lease twice.
	 */
	async isAlive(name: string): Promise<boolean> {
		const before = await this.#leaseOf(name);
		if (before === undefined || !(await this.has(name))) {
			return false;
		}
		await seconds(leaseRenewalSeconds);
		return (await this.#leaseOf(name)) !== before;
	}

	/**
	 * Removes a node from the cluster: its etcd member, the Node with what is left of its pods, and the password by which RKE2
	 * recognizes its machine. A machine that is made anew can register under the name only afterwards.
	 * https://docs.rke2.io/advanced (node passwords); k3s-io/k3s, pkg/etcd/member_controller.go
	 *
	 * @returns whether there was anything to remove
	 */
	async remove(name: string): Promise<boolean> {
		const node = await this.#node(name);
		if (node) {
			await this.#removeMember(name, node);
			await this.#deleteNode(name);
			await this.#deletePods(name);
		}
		const secret = { namespace: "kube-system", name: `${name}.node-password.rke2` };
		const forgotten = await found(() => this.#core.deleteNamespacedSecret(secret));
		return node !== undefined || forgotten !== undefined;
	}

	/** RKE2's own way. The members agree on it, so that it needs a quorum. A server that never became a member has no name there. */
	async #removeMember(name: string, { metadata }: V1Node): Promise<void> {
		if (metadata?.labels?.[etcdLabel] === undefined || metadata.annotations?.[memberName] === undefined) {
			return;
		}
		const body = [{ op: "add", path: `/metadata/annotations/${removal.replace("/", "~1")}`, value: "true" }];
		await this.#core.patchNode({ name, body });
		await until(memberRemovalSeconds, `RKE2 has not removed ${name} from etcd`, async () => {
			const node = await this.#node(name);
			return node === undefined || node.metadata?.annotations?.[removed] !== undefined;
		});
	}

	async #deleteNode(name: string): Promise<void> {
		await found(() => this.#core.deleteNode({ name }));
		await until(nodeDeletionSeconds, `the Node ${name} is still there after its deletion`, async () => {
			return !(await this.has(name));
		});
	}

	/**
	 * Kubernetes deletes the pods of a missing Node after 40 s only (k8s.io/kubernetes, pkg/controller/podgc), and a machine that
	 * registers sooner would get pods that it never ran. No process is left of them: they were drained, or the machine is dead.
	 */
	async #deletePods(node: string): Promise<void> {
		const { items } = await this.#core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` });
		for (const { metadata } of items) {
			const { namespace = "", name = "" } = metadata ?? {};
			await found(() => this.#core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }));
		}
	}

	#node(name: string): Promise<V1Node | undefined> {
		return found(() => this.#core.readNode({ name }));
	}

	async #leaseOf(name: string): Promise<string | undefined> {
		const lease = await found(() => this.#leases.readNamespacedLease({ namespace: "kube-node-lease", name }));
		return lease && String(lease.spec?.renewTime);
	}
}

/** The answer, or nothing when the object does not exist. */
async function found<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
	try {
		return await whenAnswered(ask);
	} catch (error) {
		if (statusOf(error) === 404) {
			return undefined;
		}
		throw error;
	}
}

async function until(limit: number, otherwise: string, reached: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + limit * 1_000;
	while (!(await reached())) {
		if (Date.now() > end) {
			throw new Error(`${otherwise} within ${limit} s`);
		}
		await seconds(1);
	}
}

function seconds(count: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}
