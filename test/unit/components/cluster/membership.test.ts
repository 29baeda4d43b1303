import type { V1Node } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connect } from "../../../../components/cluster/api-client.ts";
import { Membership } from "../../../../components/cluster/membership.ts";

const name = "proj-k8sm02";
const member = "etcd.rke2.cattle.io/node-name";
const pods = "delete Pod kube-system/canal of spec.nodeName=proj-k8sm02 in 0 s";
const removed = "etcd.rke2.cattle.io/removed-node-name";

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

/** An API with one Node. The lease is renewed while `renews` says so, and RKE2 removes members while it has a quorum. */
class Api {
	readonly calls: string[] = [];
	node: V1Node | undefined;
	password = true;
	renews = false;
	quorum = true;
	/** Calls that get no answer at all. */
	absent = 0;
	#renewals = 0;

	constructor(node?: V1Node) {
		this.node = node;
	}

	readonly connect = (async (choose: (library: unknown) => unknown) =>
		choose({ CoreV1Api: this.#core, CoordinationV1Api: this.#leases })) as unknown as Connect;

	readonly #core = {
		readNode: async () => {
			if (this.absent > 0) {
				this.absent -= 1;
				throw new TypeError("fetch failed");
			}
			return this.node ?? missing();
		},
		patchNode: async ({ body }: { body: { path: string; value: string }[] }) => {
			this.calls.push(`${body[0]!.path} ${body[0]!.value}`);
			if (this.quorum) {
				this.node!.metadata!.annotations![removed] = "proj-k8sm02-1a2b3c4d";
			}
		},
		deleteNode: async () => {
			this.calls.push("delete Node");
			this.node = undefined;
		},
		listPodForAllNamespaces: async ({ fieldSelector }: { fieldSelector: string }) => ({
			items: [{ metadata: { namespace: "kube-system", name: `canal of ${fieldSelector}` } }],
		}),
		deleteNamespacedPod: async ({ namespace, name: pod, gracePeriodSeconds }: Record<string, unknown>) => {
			this.calls.push(`delete Pod ${namespace}/${pod} in ${gracePeriodSeconds} s`);
			return missing();
		},
		deleteNamespacedSecret: async ({ namespace, name: secret }: Record<string, string>) => {
			this.calls.push(`delete Secret ${namespace}/${secret}`);
			return this.password ? {} : missing();
		},
	};

	readonly #leases = {
		readNamespacedLease: async () => {
			this.#renewals += this.renews ? 1 : 0;
			return { spec: { renewTime: this.#renewals } };
		},
	};
}

function missing(): never {
	throw Object.assign(new Error("not found"), { code: 404 });
}

const server = (annotations: Record<string, string> = { [member]: "proj-k8sm02-1a2b3c4d" }): V1Node => ({
	metadata: { name, labels: { "node-role.kubernetes.io/etcd": "true" }, annotations },
});
const worker: V1Node = { metadata: { name, labels: {}, annotations: {} } };

async function ask<Answer>(api: Api, question: (membership: Membership) => Promise<Answer>): Promise<Answer> {
	const answer = question(await Membership.of(api.connect));
	answer.catch(() => undefined);
	await vi.runAllTimersAsync();
	return answer;
}

test("a server leaves etcd, then the API, then its password is forgotten", async () => {
	const api = new Api(server());
	expect(await ask(api, (membership) => membership.remove(name))).toBe(true);
	expect(api.calls).toEqual([
		"/metadata/annotations/etcd.rke2.cattle.io~1remove true",
		"delete Node",
		pods,
		`delete Secret kube-system/${name}.node-password.rke2`,
	]);
});

test("nothing is deleted when RKE2 does not remove the member", async () => {
	const api = new Api(server());
	api.quorum = false;
	await expect(ask(api, (membership) => membership.remove(name))).rejects.toThrow(
		"RKE2 has not removed proj-k8sm02 from etcd within 120 s",
	);
	expect(api.calls).toEqual(["/metadata/annotations/etcd.rke2.cattle.io~1remove true"]);
});

test.each([
	["a worker", worker],
	["a server that never became a member", server({})],
])("%s leaves without a question to etcd", async (_, node) => {
	const api = new Api(node);
	expect(await ask(api, (membership) => membership.remove(name))).toBe(true);
	expect(api.calls).toEqual(["delete Node", pods, `delete Secret kube-system/${name}.node-password.rke2`]);
});

test("there is nothing to remove of a node that never was", async () => {
	const api = new Api();
	api.password = false;
	expect(await ask(api, (membership) => membership.remove(name))).toBe(false);
});

test("a node is alive only while its kubelet renews the lease", async () => {
	const api = new Api(server());
	expect(await ask(api, (membership) => membership.isAlive(name))).toBe(false);
	api.renews = true;
	expect(await ask(api, (membership) => membership.isAlive(name))).toBe(true);
});

test("the API may be away for a while, until its address has moved to another server", async () => {
	const api = new Api(worker);
	api.absent = 20;
	expect(await ask(api, (membership) => membership.remove(name))).toBe(true);
	api.absent = 200;
	await expect(ask(api, (membership) => membership.remove(name))).rejects.toThrow("fetch failed");
});
