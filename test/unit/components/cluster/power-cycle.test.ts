import type { V1Node } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import type { Connect } from "../../../../components/cluster/api-client.ts";
import { convergenceRestarts } from "../../../../components/cluster/maintenance-window.ts";
import { PowerCycle, resizedIn } from "../../../../components/cluster/power-cycle.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { command, nodes, Recording, stack as recorded } from "./cluster-recording.ts";
import { useFakeTimeAndLog } from "./fake-time.ts";

const stack = labStack();
const runs = { cpus: 8, memoryGiB: 12, diskGiB: 200 };
const mark = "rke2-lab/cordoned-for-power-cycle";

useFakeTimeAndLog();

const capacity = (cpus: number) => ({
	cpu: `${cpus}`,
	memory: "12163482Ki",
	"ephemeral-storage": "199680Mi",
});

/** The API of a cluster with one node that matters, whose machine has eight CPUs until it restarts. */
class Api {
	readonly calls: string[] = [];
	/** Servers that answer nothing. */
	dead: string[] = [];
	/** A pod that no eviction ends. */
	stubborn = false;
	boots = true;
	node: V1Node = {
		metadata: { name: "proj-k8sw01" },
		spec: {},
		status: {
			capacity: capacity(8),
			nodeInfo: { bootID: "first" } as never,
			conditions: [{ type: "Ready", status: "True" }],
		},
	};

	readonly connect = (async (choose: (library: unknown) => unknown, at?: string) =>
		choose({ CoreV1Api: this.#core(at) })) as unknown as Connect;

	/** What Proxmox refuses. */
	refused: string | undefined;
	/** Happens while the node is drained. */
	meanwhile: () => void = () => undefined;

	readonly check = async () => {
		if (this.refused !== undefined) {
			throw new Error(this.refused);
		}
	};

	readonly restart = async () => {
		this.calls.push("restart");
		if (this.boots) {
			this.node.status!.capacity = capacity(6);
			this.node.status!.nodeInfo!.bootID = "second";
		}
	};

	#core(at?: string) {
		return {
			readNamespace: async () => {
				if (this.dead.some((name) => at === `https://${stack.nodes[name]!.address}:6443`)) {
					throw new Error("connect EHOSTUNREACH");
				}
			},
			readNode: async () => structuredClone(this.node),
			patchNode: async ({ body }: { body: { op: string; path: string; value?: unknown }[] }) => {
				for (const { op, path, value } of body) {
					this.calls.push(`${op} ${path}${value === undefined ? "" : ` ${JSON.stringify(value)}`}`);
					if (path === "/spec/unschedulable") {
						this.node.spec!.unschedulable = value as boolean;
					} else if (path !== "/metadata/annotations") {
						this.node.metadata!.annotations = op === "remove" ? {} : { [mark]: "true" };
					}
				}
			},
			listPodForAllNamespaces: async () => {
				this.meanwhile();
				return { items: this.stubborn ? [{ metadata: { namespace: "shop", name: "web" } }] : [] };
			},
			createNamespacedPodEviction: async () => undefined,
		};
	}
}

async function cycle(api: Api, node = "proj-k8sw01", wanted = { ...runs, cpus: 6 }): Promise<void> {
	api.node.metadata!.name = node;
	const done = new PowerCycle(api.connect, stack, api).run(node, { runs, wanted, reasons: ["cpus 8 becomes 6"] });
	done.catch(() => undefined);
	await vi.runAllTimersAsync();
	return done;
}

const markPath = "/metadata/annotations/rke2-lab~1cordoned-for-power-cycle";
const cordon = ["add /metadata/annotations {}", `add ${markPath} "true"`, "add /spec/unschedulable true"];
/** Of the drain, which cordons as well. */
const drained = "add /spec/unschedulable true";
const uncordon = ["add /spec/unschedulable false", `remove ${markPath}`];

describe("a node whose size has changed", () => {
	test("is drained, its VM restarts, and it takes pods again once the kubelet reports the new boot", async () => {
		const api = new Api();
		await cycle(api);
		expect(api.calls).toEqual([...cordon, drained, "restart", ...uncordon]);
		expect(pulumi.log.info).toHaveBeenCalledWith(
			"proj-k8sw01: its VM shuts down and starts again, because cpus 8 becomes 6.",
		);
	});

	test("is left alone when its machine has the size already", async () => {
		const api = new Api();
		api.node.status!.capacity = capacity(6);
		await cycle(api);
		expect(api.calls).toEqual([]);
	});

	test("takes pods again when an earlier up ended after the restart", async () => {
		const api = new Api();
		api.node.status!.capacity = capacity(6);
		api.node.metadata!.annotations = { [mark]: "true" };
		await cycle(api);
		expect(api.calls).toEqual(uncordon);
	});

	test("does not take pods, and stops the chain, when an earlier up ended after the restart and the node does not work", async () => {
		const api = new Api();
		api.node.status!.capacity = capacity(6);
		api.node.status!.conditions = [{ type: "Ready", status: "False" }];
		api.node.metadata!.annotations = { [mark]: "true" };
		await expect(cycle(api)).rejects.toThrow(
			/^proj-k8sw01 does not work \d+ s after its VM was restarted, so no other/,
		);
		expect(api.calls).toEqual([]);
	});

	test("is restarted for a change that the comparison cannot see", async () => {
		const api = new Api();
		await cycle(api, "proj-k8sw01", { ...runs, diskGiB: 201 });
		expect(api.calls).toContain("restart");
	});

	test("is not touched when Proxmox does not show its VM", async () => {
		const api = new Api();
		api.refused = "proj-k8sw01: power-cycle: Proxmox does not show VM 107: 403 Permission check failed";
		await expect(cycle(api)).rejects.toThrow(api.refused);
		expect(api.calls).toEqual([]);
	});

	test("keeps the cordon of a person", async () => {
		const api = new Api();
		api.node.spec!.unschedulable = true;
		await cycle(api);
		// The drain cordons what is cordoned.
		expect(api.calls).toEqual(["add /spec/unschedulable true", "restart"]);
	});

	test("is not restarted when a pod does not leave, and takes pods again", async () => {
		const api = new Api();
		api.stubborn = true;
		await expect(cycle(api)).rejects.toThrow(
			/^proj-k8sw01 cannot be stopped: these pods have not left within 300 s, so nothing was touched; shop\/web; let them leave, or raise cluster\.drain, and run `up` again$/,
		);
		expect(api.calls).toEqual([...cordon, drained, ...uncordon]);
	});

	test("is restarted without a drain when it is not Ready", async () => {
		const api = new Api();
		api.node.status!.conditions = [{ type: "Ready", status: "Unknown" }];
		const restart = api.restart;
		Object.assign(api, {
			restart: async () => {
				await restart();
				api.node.status!.conditions = [{ type: "Ready", status: "True" }];
			},
		});
		await cycle(api);
		expect(api.calls).toEqual(["restart"]);
		expect(pulumi.log.warn).toHaveBeenCalledWith("proj-k8sw01 is not Ready, so its VM restarts without being drained.");
	});

	test("takes pods again when Proxmox does not restart its VM, and the VM runs as before", async () => {
		const api = new Api();
		Object.assign(api, { restart: () => Promise.reject(new Error("proj-k8sw01: power-cycle: can't lock file")) });
		await expect(cycle(api)).rejects.toThrow(
			/^proj-k8sw01: power-cycle: can't lock file; the VM runs as before, and the node takes pods again$/,
		);
		expect(api.calls).toEqual([...cordon, drained, ...uncordon]);
	});

	test("takes no pods when Proxmox does not restart its VM, and its guest shuts down", async () => {
		const api = new Api();
		Object.assign(api, {
			restart: async () => {
				api.node.status!.conditions = [{ type: "Ready", status: "Unknown" }];
				throw new Error("proj-k8sw01: power-cycle: Proxmox could not restart VM 107: got timeout");
			},
		});
		await expect(cycle(api)).rejects.toThrow(/got timeout; its pods have left, and it takes none until an `up`/);
		expect(api.calls).toEqual([...cordon, drained]);
	});

	test("stops the chain when it does not come back", async () => {
		const api = new Api();
		api.boots = false;
		await expect(cycle(api)).rejects.toThrow(
			/^proj-k8sw01 does not work \d+ s after its VM was restarted, so no other node/,
		);
		expect(api.calls.at(-1)).toBe("restart");
	});
});

describe("a control plane whose size has changed", () => {
	test("restarts when the others answer, and is back when its own API server does", async () => {
		const api = new Api();
		await cycle(api, "proj-k8sm01");
		expect(api.calls).toEqual([...cordon, drained, "restart", ...uncordon]);
	});

	test("is not touched while another one is dead", async () => {
		const api = new Api();
		api.dead = ["proj-k8sm03"];
		await expect(cycle(api, "proj-k8sm01")).rejects.toThrow(
			"proj-k8sm01 cannot be stopped, because proj-k8sm03 does not answer at port 6443, and etcd needs 2 of the 3 servers; the VM was not touched; repair proj-k8sm03 first",
		);
		expect(api.calls).toEqual([]);
	});

	test("keeps running and takes pods again when another one dies while it is drained", async () => {
		const api = new Api();
		api.meanwhile = () => {
			api.dead = ["proj-k8sm03"];
		};
		await expect(cycle(api, "proj-k8sm01")).rejects.toThrow(/because proj-k8sm03 does not answer/);
		expect(api.calls).toEqual([...cordon, drained, ...uncordon]);
	});
});

describe("the converge commands", () => {
	const resized = async () => {
		const nodes = { ...recorded.nodes, "proj-k8sw01": { ...recorded.nodes["proj-k8sw01"]!, cpus: 4 } };
		return (await Recording.of({ ...recorded, nodes })).command("proj-k8sw01-converge").inputs;
	};

	test.each(nodes)("of %s have the hook, after the maintenance window", (node) => {
		expect(command(`${node}-converge`).beforeUpdate.at(-1)).toBe("cluster-power-cycle");
	});

	test("show the change of size, which the maintenance window holds for", async () => {
		vi.useRealTimers();
		const [before, after] = [command("proj-k8sw01-converge").inputs, await resized()];
		expect(resizedIn(before, after)).toEqual([`cpus ${recorded.nodes["proj-k8sw01"]!.cpus} becomes 4`]);
		expect([convergenceRestarts(before, after), convergenceRestarts(before, before)]).toEqual([true, false]);
		expect(resizedIn(undefined, after)).toEqual([]);
	});
});
