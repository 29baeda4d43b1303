import * as pulumi from "@pulumi/pulumi";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
	convergenceRestarts,
	keepToMaintenanceWindow,
	tokensDiffer,
} from "../../../../components/cluster/maintenance-window.ts";
import { refuseUnsupportedChanges } from "../../../../components/cluster/unsupported-changes.ts";
import type { MaintenanceWindow } from "../../../../src/maintenance/window.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { record } from "../recorder.ts";
import { command, controlPlanes, isAfter, nodes, Recording, recording, resolved, stack } from "./cluster-recording.ts";

describe("convergence", () => {
	test("reaches one node after another, control planes first, once all nodes of the role are members", () => {
		const joinsBefore = (name: string) => nodes.filter((node) => isAfter(name, `${node}-join`));
		expect(joinsBefore("proj-k8sm01-converge")).toEqual(controlPlanes);
		expect(joinsBefore("proj-k8sw01-converge")).toEqual(nodes);
		const converges = nodes.map((node) => `${node}-converge`);
		for (const [index, name] of converges.entries()) {
			expect(converges.filter((other) => isAfter(name, other))).toEqual(converges.slice(0, index));
		}
	});

	test.each(nodes)("of %s waits for its release even long after the join", (node) => {
		expect(command(`${node}-converge`).dependsOn).toContain(`${node}-prepare`);
	});

	test.each(nodes)("of %s runs again when its files, its version or its size change", (node) => {
		const { ignoreChanges, inputs } = command(`${node}-converge`);
		expect(ignoreChanges).toEqual(["connection"]);
		const role = controlPlanes.includes(node) ? "server" : "agent";
		const { cpus, memoryGiB, diskGiB, gpu } = stack.nodes[node]!;
		const drain = gpu ? "600 300" : "300 120";
		expect(inputs.create).toMatch(
			new RegExp(
				`converge\\.sh ${node} ${role} v1\\.35\\.7\\+rke2r1 ${cpus} ${memoryGiB} ${diskGiB} ${drain} [0-9a-f]{64}$`,
			),
		);
	});

	test("has the demand on the S3 store for servers alone, outside the files, so that it restarts nothing", async () => {
		const store = { endpoint: "s3.internal", bucket: "backups" };
		const mirrored = { registries: { mirrors: { "*": { endpoints: ["https://harbor.lab.internal"] } } } };
		const of = (required: boolean, more: object = {}) =>
			Recording.of(labStack({ cluster: { ...more, etcdSnapshots: { s3: { ...store, required } } } }));
		const [off, on, withMirror] = [await of(false), await of(true), await of(true, mirrored)];
		for (const node of nodes) {
			const [before, after] = [off, on].map((from) => from.command(`${node}-converge`).inputs);
			const added = controlPlanes.includes(node) ? " '' required" : "";
			expect(after!.create).toBe(`${before!.create}${added}`);
			expect(after!.stdin).toBe(before!.stdin);
			expect(convergenceRestarts(before, after)).toBe(false);
		}
		expect(withMirror.command("proj-k8sm01-converge").inputs.create).toMatch(/ [0-9a-f]{64} [0-9a-f]{64} required$/);
	});

	test("runs on all nodes when the agent token changes, and shows it in no command line", async () => {
		const other = await Recording.of(stack, undefined, undefined, "0ther".repeat(8));
		for (const node of nodes) {
			const [before, after] = [command(`${node}-converge`), other.command(`${node}-converge`)];
			expect(after.inputs.create).not.toBe(before.inputs.create);
			expect(after.inputs.stdin).toBe(before.inputs.stdin);
		}
	});

	test.each(nodes)("of %s refuses unsupported changes before its update", (node) => {
		expect(command(`${node}-converge`).beforeUpdate[0]).toBe("cluster-unsupported-changes");
	});

	describe("the refusal", () => {
		const skipped = { ...stack, cluster: { ...stack.cluster, version: "v1.37.0+rke2r1", podCidr: "10.44.0.0/16" } };
		const oldInputs = command("proj-k8sm01-converge").inputs;
		const inputsOfSkip = async () => (await Recording.of(skipped)).command("proj-k8sm01-converge").inputs;
		const ask = async (given: Pick<pulumi.ResourceHookArgs, "oldInputs" | "newInputs">, restoring = false) => {
			let hook: pulumi.ResourceHook | undefined;
			await record(() => {
				hook = refuseUnsupportedChanges("refusal", restoring);
			});
			await hook!.callback({ urn: "", id: "", name: "", type: "", ...given });
		};

		test("names every key that differs between the old and the new inputs", async () => {
			const newInputs = await inputsOfSkip();
			await expect(ask({ oldInputs, newInputs })).rejects.toThrow(
				/^cluster\.version v1\.37\.0\+rke2r1 skips a minor .*\ncluster\.podCidr is 10\.42\.0\.0\/16 on this cluster .*$/,
			);
			await ask({ oldInputs, newInputs: oldInputs });
		});

		test("lets the minor before pass when the stack file asks for a restore, outside the maintenance window too", async () => {
			const older = { ...stack, cluster: { ...stack.cluster, version: "v1.34.10+rke2r1" } };
			const newInputs = (await Recording.of(older)).command("proj-k8sm01-converge").inputs;
			await ask({ oldInputs, newInputs }, true);
			await expect(ask({ oldInputs, newInputs })).rejects.toThrow(
				"cluster.version v1.34.10+rke2r1 is an older minor than the v1.35.7+rke2r1 that runs here, and etcd cannot go back; name a snapshot of 1.34 in cluster.restore too",
			);
			expect(convergenceRestarts(oldInputs, newInputs)).toBe(false);
			expect(convergenceRestarts(newInputs, oldInputs)).toBe(true);
		});

		test("leaves the check to the node when the state has the inputs as secrets or not at all", async () => {
			const newInputs = await inputsOfSkip();
			await ask({ oldInputs: { ...oldInputs, stdin: pulumi.secret(oldInputs.stdin) }, newInputs });
			await ask({ oldInputs: { ...oldInputs, create: "echo" }, newInputs });
			await ask({ newInputs });
		});
	});

	describe("the maintenance window", () => {
		const oldInputs = command("proj-k8sm01-converge").inputs;
		const weekday = (days: number) =>
			new Date(Date.now() + days * 86_400_000)
				.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" })
				.toLowerCase() as MaintenanceWindow["weekday"];
		const closed = { weekday: weekday(3), start: "01:00", end: "05:00", timeZone: "UTC" };
		const restart = async () => {
			const changed = { ...stack, cluster: { ...stack.cluster, etcdMetrics: true } };
			return (await Recording.of(changed)).command("proj-k8sm01-converge").inputs;
		};
		const change = async (window: MaintenanceWindow, newInputs: typeof oldInputs) => {
			let hook: pulumi.ResourceHook | undefined;
			await record(() => {
				hook = keepToMaintenanceWindow("window", window, convergenceRestarts);
			});
			await hook!.callback({ urn: "", id: "", name: "proj-k8sm01-converge", type: "", oldInputs, newInputs });
		};

		test("is bound to each node where the stack has one", async () => {
			const kept = await Recording.of({ ...stack, cluster: { ...stack.cluster, maintenanceWindow: closed } });
			for (const node of nodes) {
				expect(kept.command(`${node}-converge`).beforeUpdate).toContain("cluster-maintenance-window");
			}
			// The first server rotates the token before any convergence.
			expect(kept.command("proj-k8sm01-token").beforeUpdate).toContain("cluster-rotation-window");
		});

		test("holds for a token command only when the tokens differ", async () => {
			const tokens = (text: string) => ({ create: "token.sh", stdin: { secret: text } });
			expect(tokensDiffer(tokens("agent\nold"), { ...tokens("agent\nold"), create: "token.sh rotated" })).toBe(false);
			expect(tokensDiffer(tokens("agent\nold"), tokens("agent\nnew"))).toBe(true);
		});

		test("refuses a restart while it is closed, and says when it opens", async () => {
			await expect(change(closed, await restart())).rejects.toThrow(
				/^proj-k8sm01-converge: cluster\.maintenanceWindow is closed and opens on \d{4}-\d\d-\d\d 01:00 UTC; this node was not changed\. Run `up` again when it is open, or set RKE2_LAB_IGNORE_WINDOW=yes for one `up`\.$/,
			);
		});

		test("lets pass what restarts nothing, what comes while it is open, and what a person insists on", async () => {
			await change(closed, oldInputs);
			await change({ ...closed, weekday: weekday(0), start: "00:00", end: "23:59" }, await restart());
			vi.stubEnv("RKE2_LAB_IGNORE_WINDOW", "yes");
			onTestFinished(() => void vi.unstubAllEnvs());
			await change(closed, await restart());
		});
	});

	test("is what others wait for", async () => {
		const urns = await Promise.all(recording.cluster.ready.map(({ urn }) => resolved(urn)));
		expect(urns.map((urn) => urn.split("::").at(-1))).toEqual(nodes.map((node) => `${node}-converge`));
	});
});
