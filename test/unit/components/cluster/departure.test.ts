import type { V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import type { Connect } from "../../../../components/cluster/api-client.ts";
import { Departure } from "../../../../components/cluster/departure.ts";
import { type Placement, placementOf } from "../../../../src/rke2/placement.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { useFakeTimeAndLog } from "./fake-time.ts";

const { nodes, proxmox, cluster } = labStack();
const before = placementOf({ nodes, proxmox });
const limits = { ...cluster.drain, timeoutSeconds: 60, gracePeriodSeconds: 20 };

useFakeTimeAndLog();

/** The API of a cluster whose kubelets are alive, unless they are among the dead. */
class Api {
	readonly calls: string[] = [];
	/** Nodes whose machine answers nothing. */
	dead: string[] = [];
	pods: V1Pod[] = [];
	/** Each on the first worker, with the claim that has it. */
	volumes: { name: string; claim: string }[] = [];
	/** Happens when the volumes are listed. */
	detach: () => void = () => undefined;
	/** Answer to an eviction. */
	evict: (pod: string) => void = (pod) => {
		this.pods = this.pods.filter(({ metadata }) => metadata?.name !== pod);
	};
	readonly #nodes = new Set(Object.keys(before));
	#renewals = 0;

	readonly connect = (async (choose: (library: unknown) => unknown, at?: string) =>
		choose({
			CoreV1Api: this.#core(at),
			CoordinationV1Api: this.#leases,
			StorageV1Api: this.#storage,
		})) as unknown as Connect;

	#core(at?: string) {
		return {
			readNamespace: async () => {
				if (this.dead.some((name) => at === `https://${before[name]!.address}:6443`)) {
					throw new Error("connect EHOSTUNREACH");
				}
			},
			readNode: async ({ name }: { name: string }) => (this.#nodes.has(name) ? { spec: {} } : missing()),
			patchNode: async ({ name, body }: { name: string; body: { path: string; value: boolean }[] }) => {
				this.calls.push(`${name} ${body[0]!.path} ${body[0]!.value}`);
			},
			listPodForAllNamespaces: async () => ({ items: this.pods }),
			createNamespacedPodEviction: async ({ name, body }: { name: string; body: { deleteOptions: object } }) => {
				this.calls.push(`evict ${name} ${JSON.stringify(body.deleteOptions)}`);
				this.evict(name);
			},
			readPersistentVolume: async ({ name }: { name: string }) => {
				const volume = this.volumes.find((one) => one.name === name) ?? missing();
				return { spec: { claimRef: { namespace: "shop", name: volume.claim } } };
			},
			deleteNode: async ({ name }: { name: string }) => {
				this.calls.push(`delete ${name}`);
				this.#nodes.delete(name);
			},
			deleteNamespacedPod: async ({ name }: { name: string }) => this.calls.push(`delete ${name}`),
			deleteNamespacedSecret: async () => missing(),
		};
	}

	readonly #storage = {
		listVolumeAttachment: async () => {
			this.calls.push("list volumes");
			this.detach();
			const attachments = this.volumes.map(({ name }) => ({
				spec: { attacher: "csi.example", nodeName: "proj-k8sw01", source: { persistentVolumeName: name } },
			}));
			const elsewhere = { spec: { attacher: "csi.example", nodeName: "proj-k8sw02", source: {} } };
			return { items: [...attachments, elsewhere] };
		},
	};

	readonly #leases = {
		readNamespacedLease: async ({ name }: { name: string }) => {
			this.#renewals += 1;
			return { spec: { renewTime: this.dead.includes(name) ? 0 : this.#renewals } };
		},
	};
}

function missing(): never {
	throw Object.assign(new Error("not found"), { code: 404 });
}

const pod = (name: string, grace: number, owner = "ReplicaSet"): V1Pod => ({
	metadata: { namespace: "shop", name, ownerReferences: [{ apiVersion: "", kind: owner, name: "", uid: "" }] },
	spec: { containers: [], terminationGracePeriodSeconds: grace },
});

async function leave(api: Api, after: Placement, { restoring = false } = {}): Promise<void> {
	const departing = new Departure(api.connect, limits, restoring).removeAll(before, after);
	departing.catch(() => undefined);
	await vi.runAllTimersAsync();
	return departing;
}

function without(...names: string[]): Placement {
	return Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name)));
}

const moved = (name: string): Placement => ({ ...before, [name]: { ...before[name]!, vmId: 999 } });

describe("a living node", () => {
	test("is cordoned and drained, pods of DaemonSets apart, and then removed", async () => {
		const api = new Api();
		api.pods = [pod("web", 300), pod("cache", 5), pod("canal", 30, "DaemonSet")];
		await leave(api, without("proj-k8sw01"));
		expect(api.calls).toEqual([
			"proj-k8sw01 /spec/unschedulable true",
			'evict web {"gracePeriodSeconds":20}',
			'evict cache {"gracePeriodSeconds":5}',
			"list volumes",
			"delete proj-k8sw01",
			"delete canal",
		]);
	});

	test("stays and takes pods again when a disruption budget holds a pod", async () => {
		const api = new Api();
		api.pods = [pod("web", 10)];
		api.evict = () => {
			const body =
				'{"details":{"causes":[{"message":"The disruption budget web needs 1 healthy pods and has 1 currently"}]}}';
			throw Object.assign(new Error("too many requests"), { code: 429, body });
		};
		await expect(leave(api, moved("proj-k8sw01"))).rejects.toThrow(
			"proj-k8sw01 cannot leave: these pods have not left within 60 s, so the node takes pods again and nothing was touched; shop/web: The disruption budget web needs 1 healthy pods and has 1 currently; let them leave, or raise cluster.drain, and run `up` again",
		);
		expect(api.calls.at(-1)).toBe("proj-k8sw01 /spec/unschedulable false");
		expect(api.calls).not.toContain("delete proj-k8sw01");
	});
});

describe("the volumes of a living node", () => {
	test("are detached before the node is removed, except for those of pods that stay", async () => {
		const api = new Api();
		const agent = pod("agent", 30, "DaemonSet");
		agent.spec!.volumes = [
			{ name: "data", persistentVolumeClaim: { claimName: "agent" } },
			{ name: "cache", ephemeral: {} },
		];
		const finished = { ...pod("job", 30), status: { phase: "Succeeded" } };
		finished.spec!.volumes = [{ name: "data", persistentVolumeClaim: { claimName: "job" } }];
		api.pods = [agent, finished];
		api.volumes = [
			{ name: "pv-1", claim: "job" },
			{ name: "pv-2", claim: "agent" },
			{ name: "pv-3", claim: "agent-cache" },
		];
		let lists = 0;
		api.detach = () => {
			lists += 1;
			api.volumes = lists < 3 ? api.volumes : api.volumes.slice(1);
		};
		await leave(api, moved("proj-k8sw01"));
		const order = ["list volumes", "list volumes", "list volumes", "delete proj-k8sw01"];
		expect(api.calls).toEqual(["proj-k8sw01 /spec/unschedulable true", ...order, "delete agent", "delete job"]);
	});

	test("are asked for again when the API is away for a moment", async () => {
		const api = new Api();
		let absences = 2;
		api.detach = () => {
			if (absences > 0) {
				absences -= 1;
				throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
			}
		};
		await leave(api, without("proj-k8sw01"));
		expect(api.calls.at(-1)).toBe("delete proj-k8sw01");
	});

	test("leave it schedulable when the API refuses to name them", async () => {
		const api = new Api();
		api.detach = () => {
			throw Object.assign(new Error("forbidden"), { code: 403 });
		};
		await expect(leave(api, without("proj-k8sw01"))).rejects.toThrow("forbidden");
		expect(api.calls.at(-1)).toBe("proj-k8sw01 /spec/unschedulable false");
	});

	test("keep it in the cluster when one is not detached, and it takes pods again", async () => {
		const api = new Api();
		api.volumes = [{ name: "pv-1", claim: "web" }];
		await expect(leave(api, without("proj-k8sw01"))).rejects.toThrow(
			"proj-k8sw01 cannot leave: its pods have left, but these volumes have not been detached within 60 s, so the node takes pods again and it is still a member; pv-1 (csi.example); see why their driver does not detach them, or raise cluster.drain, and run `up` again",
		);
		expect(api.calls.at(-1)).toBe("proj-k8sw01 /spec/unschedulable false");
		expect(api.calls).not.toContain("delete proj-k8sw01");
	});
});

test("a dead node leaves without being drained, which is said", async () => {
	const api = new Api();
	api.dead = ["proj-k8sm01"];
	await leave(api, moved("proj-k8sm01"));
	expect(api.calls).toEqual(["delete proj-k8sm01"]);
	expect(pulumi.log.warn).toHaveBeenCalledWith("proj-k8sm01 does not answer, so it leaves without being drained.");
});

describe("nothing is touched", () => {
	test("when the other servers would have no quorum", async () => {
		const api = new Api();
		api.dead = ["proj-k8sm01"];
		await expect(leave(api, moved("proj-k8sm02"))).rejects.toThrow(
			"proj-k8sm02 cannot leave, because proj-k8sm01 does not answer at port 6443, and etcd needs 2 of the 2 servers that stay; nothing was touched; repair proj-k8sm01 first, or replace that one instead",
		);
		expect(api.calls).toEqual([]);
	});

	test("when no server would be left", async () => {
		const api = new Api();
		await expect(leave(api, without("proj-k8sm01", "proj-k8sm02", "proj-k8sm03"))).rejects.toThrow(
			"no server would be left, and with it the cluster's data would be gone; nothing was touched",
		);
		expect(api.calls).toEqual([]);
	});
});

describe("beside a restore", () => {
	const lost = moved("proj-k8sm01");

	test("a server leaves though no other one answers, since the restored cluster forgets it", async () => {
		const api = new Api();
		api.dead = Object.keys(before);
		await leave(api, lost, { restoring: true });
		expect(api.calls).toEqual([]);
		expect(pulumi.log.warn).toHaveBeenCalledExactlyOnceWith(
			"No control plane that stays answers, so proj-k8sm01 leaves without being drained, and the restored cluster forgets it.",
		);
	});

	test("a server leaves as always while the others answer", async () => {
		const api = new Api();
		api.dead = ["proj-k8sm01"];
		await leave(api, lost, { restoring: true });
		expect(api.calls).toEqual(["delete proj-k8sm01"]);
	});

	test("a server stays while the others have lost their quorum in part", async () => {
		const api = new Api();
		api.dead = ["proj-k8sm01", "proj-k8sm02"];
		await expect(leave(api, lost, { restoring: true })).rejects.toThrow("nothing was touched");
	});
});

test("a node that never joined has nothing to leave", async () => {
	const api = new Api();
	await leave(api, without("proj-k8sw01"));
	api.calls.length = 0;
	await leave(api, without("proj-k8sw01"));
	expect(api.calls).toEqual([]);
});
