import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { refuseUnsupportedChanges } from "../../../../components/cluster/unsupported-changes.ts";
import { record } from "../recorder.ts";
import { command, controlPlanes, isAfter, nodes, Recording, recording, resolved, stack } from "./cluster-recording.ts";

describe("convergence", () => {
	test("takes one node after another, control planes first, and begins in each role when all of it are members", () => {
		const joinsBefore = (name: string) => nodes.filter((node) => isAfter(name, `${node}-join`));
		expect(joinsBefore("proj-k8sm01-converge")).toEqual(controlPlanes);
		expect(joinsBefore("proj-k8sw01-converge")).toEqual(nodes);
		const converges = nodes.map((node) => `${node}-converge`);
		for (const [index, name] of converges.entries()) {
			expect(converges.filter((other) => isAfter(name, other))).toEqual(converges.slice(0, index));
		}
	});

	test.each(nodes)("of %s waits for its release even when the join was long ago", (node) => {
		expect(command(`${node}-converge`).dependsOn).toContain(`${node}-prepare`);
	});

	test.each(nodes)("of %s follows changes of its files, its version and its size", (node) => {
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

	test("rolls through all nodes when the agent token changes, which no command line shows", async () => {
		const other = await Recording.of(stack, undefined, undefined, "0ther".repeat(8));
		for (const node of nodes) {
			const [before, after] = [command(`${node}-converge`), other.command(`${node}-converge`)];
			expect(after.inputs.create).not.toBe(before.inputs.create);
			expect(after.inputs.stdin).toBe(before.inputs.stdin);
		}
	});

	test.each(nodes)("of %s refuses what a running cluster does not support, before its update", (node) => {
		expect(command(`${node}-converge`).beforeUpdate).toEqual(["cluster-unsupported-changes", "cluster-rollout-plan"]);
	});

	describe("the refusal", () => {
		const skipped = { ...stack, cluster: { ...stack.cluster, version: "v1.37.0+rke2r1", podCidr: "10.44.0.0/16" } };
		const oldInputs = command("proj-k8sm01-converge").inputs;
		const inputsOfSkip = async () => (await Recording.of(skipped)).command("proj-k8sm01-converge").inputs;
		const ask = async (given: Pick<pulumi.ResourceHookArgs, "oldInputs" | "newInputs">) => {
			let hook: pulumi.ResourceHook | undefined;
			await record(() => {
				hook = refuseUnsupportedChanges("refusal");
			});
			await hook!.callback({ urn: "", id: "", name: "", type: "", ...given });
		};

		test("names every key by what the last convergence and the wanted one say", async () => {
			const newInputs = await inputsOfSkip();
			await expect(ask({ oldInputs, newInputs })).rejects.toThrow(
				/^cluster\.version v1\.37\.0\+rke2r1 skips a minor .*\ncluster\.podCidr is 10\.42\.0\.0\/16 on this cluster .*$/,
			);
			await ask({ oldInputs, newInputs: oldInputs });
		});

		test("leaves to the node what the state keeps secret, or does not have", async () => {
			const newInputs = await inputsOfSkip();
			await ask({ oldInputs: { ...oldInputs, stdin: pulumi.secret(oldInputs.stdin) }, newInputs });
			await ask({ oldInputs: { ...oldInputs, create: "echo" }, newInputs });
			await ask({ newInputs });
		});
	});

	test("is what others wait for", async () => {
		const urns = await Promise.all(recording.cluster.ready.map(({ urn }) => resolved(urn)));
		expect(urns.map((urn) => urn.split("::").at(-1))).toEqual(nodes.map((node) => `${node}-converge`));
	});
});
