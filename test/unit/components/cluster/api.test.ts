import { describe, expect, test } from "vitest";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { controlPlanes, nodes, Recording, recording, stack } from "./cluster-recording.ts";

describe("the mode in which the API is reached", () => {
	const reached = (api: Partial<StackConfig["cluster"]["api"]>, cluster: Partial<StackConfig["cluster"]> = {}) =>
		Recording.of({
			...stack,
			cluster: { ...stack.cluster, ...cluster, api: { ...stack.cluster.api, ...api } },
		});
	const preparations = ({ resources }: Recording) =>
		resources.filter(({ name, type }) => name.endsWith("-address") && type.startsWith("command:"));

	test("installs keepalived on the control planes before the first of them starts", async () => {
		const from = await reached({ mode: "keepalived" });
		expect(preparations(from).map(({ name }) => name)).toEqual(controlPlanes.map((node) => `${node}-address`));
		for (const node of controlPlanes) {
			expect(from.command(`${node}-address`).inputs.create).toMatch(
				new RegExp(` /usr/local/lib/rke2-lab/address\\.sh ${node} keepalived$`),
			);
			expect(from.isAfter("cluster-seed", `${node}-address`)).toBe(true);
			expect(from.isAfter(`${node}-converge`, `${node}-address`)).toBe(true);
		}
	});

	test("downloads keepalived through the proxy when the stack has one", async () => {
		const proxy = { url: "http://proxy.lab.internal:3128", exceptions: [] };
		const from = await reached({ mode: "keepalived" }, { proxy });
		expect(from.command("proj-k8sm02-address").inputs.create).toMatch(
			/ keepalived http:\/\/proxy\.lab\.internal:3128 127\.0\.0\.0\/8,10\.25\.20\.0\/24,/,
		);
	});

	test("lets every node resolve the API's name to every control plane when the mode is dns", async () => {
		const from = await reached({ mode: "dns", address: undefined });
		for (const node of nodes) {
			expect(from.command(`${node}-address`).inputs.create).toMatch(
				new RegExp(
					`address\\.sh ${node} dns api\\.k8s\\.lab\\.internal 10\\.25\\.20\\.4 10\\.25\\.20\\.5 10\\.25\\.20\\.6$`,
				),
			);
			expect(from.isAfter(`${node}-join`, `${node}-address`)).toBe(true);
		}
		expect(from.command("cluster-seed").inputs.create).toMatch(
			/seed\.sh proj-k8sm01 \S+ api\.k8s\.lab\.internal 10\.25\.20\.5 10\.25\.20\.6$/,
		);
		expect(from.cluster.apiEndpoint).toBe("https://api.k8s.lab.internal:6443");
	});

	test("creates no command when files are enough", async () => {
		expect(preparations(recording)).toEqual([]);
		expect(preparations(await reached({ mode: "external" }))).toEqual([]);
	});
});
