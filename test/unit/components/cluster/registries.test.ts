import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type RecordOptions, unknown } from "../recorder.ts";
import { configIn, controlPlanes, nodes, Recording, recording, stack } from "./cluster-recording.ts";

describe("registries", () => {
	const credentials = (password: string) => JSON.stringify({ "harbor.lab.internal": { username: "robot", password } });
	const mirrors = { "docker.io": { endpoints: ["https://harbor.lab.internal"] } };
	const mirrored = (password: string, options?: RecordOptions) => {
		const registries = { ...stack.cluster.registries, mirrors };
		return Recording.of({ ...stack, cluster: { ...stack.cluster, registries } }, options, credentials(password));
	};
	const revisionIn = (from: Recording, name: string) => (from.command(name).inputs.create as string).split(" ").at(-1);

	test.each(nodes)("reach %s in a separate secret before it becomes a member", async (node) => {
		const from = await mirrored("hunter2");
		const { create, stdin } = from.command(`${node}-registries`).inputs;
		expect(create).toMatch(new RegExp(` /usr/local/lib/rke2-lab/registries\\.sh ${node}$`));
		expect(parse((stdin as { secret: string }).secret)).toEqual({
			mirrors: { "docker.io": { endpoint: ["https://harbor.lab.internal"] } },
			configs: { "harbor.lab.internal": { auth: { username: "robot", password: "hunter2" } } },
		});
		expect(from.isAfter(`${node}-registries`, `${node}-prepare`)).toBe(true);
		expect(from.isAfter(`${node}-join`, `${node}-registries`)).toBe(true);
		expect(from.isAfter(`${node}-converge`, `${node}-registries`)).toBe(true);
	});

	test("are written before the first server pulls its images", async () => {
		const from = await mirrored("hunter2");
		expect(controlPlanes.filter((node) => !from.isAfter("cluster-seed", `${node}-registries`))).toEqual([]);
	});

	test("reach one node after another when a password changes, and show it in no other command", async () => {
		const [before, after] = [await mirrored("hunter2"), await mirrored("hunter3")];
		for (const node of nodes) {
			const revisions = [before, after].map((from) => revisionIn(from, `${node}-converge`));
			expect(revisions[0]).toMatch(/^[0-9a-f]{64}$/);
			expect(revisions[1]).not.toBe(revisions[0]);
		}
		const others = before.resources.filter(({ name }) => !name.endsWith("-registries"));
		expect(JSON.stringify(others)).not.toContain("hunter2");
	});

	test("leave the inputs that a reviewer and a policy read in clear text", async () => {
		const previewed = await mirrored("hunter2", { preview: true, outputs: () => ({ stdout: unknown }) });
		const { create, stdin } = previewed.command("proj-k8sw01-converge").inputs;
		expect(create).toMatch(
			/converge\.sh proj-k8sw01 agent v1\.35\.7\+rke2r1 \d+ \d+ \d+ \d+ \d+ [0-9a-f]{64} [0-9a-f]{64}$/,
		);
		expect(configIn(stdin)).toMatchObject({ "node-name": "proj-k8sw01" });
	});

	test("create no command when the stack has no mirrors and no credentials", () => {
		expect(recording.resources.filter(({ name }) => name.endsWith("-registries"))).toEqual([]);
	});
});
