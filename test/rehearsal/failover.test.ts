/** The virtual address of the API survives its holder, and the program finds nothing to repair afterwards. */
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";

const without = Object.fromEntries(
	["proj-k8sw02", "proj-k8sw03", "proj-k8sw04", "proj-k8sw05"].map((name) => [name, null]),
);

describe("three control planes and a worker", () => {
	let rehearsal: Rehearsal;
	let holder: string;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-failover",
			engine: "embedded",
			stack: "lab",
			change: { nodes: without },
			say: () => undefined,
		});
		const up = await rehearsal.up();
		expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("when the holder of the virtual address loses power, the API answers there within 15 seconds", async () => {
		holder = await addressHolder(rehearsal);
		await rehearsal.power(holder, "stop");
		const cut = Date.now();
		await eventually(30, () => rehearsal.kubectl("get", "--raw", "/readyz", "--request-timeout=1s"));
		expect(Date.now() - cut).toBeLessThan(15_000);
		expect(await addressHolder(rehearsal)).not.toBe(holder);
	});

	test("once it is switched on again it is a member as before, and up changes nothing", async () => {
		await rehearsal.power(holder, "start");
		await eventually(120, async () => expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] }));
		const up = await rehearsal.up();
		expect(up.succeeded).toBe(true);
		expect(changeCount(up)).toBe(0);
	});
});

/** Node that holds the lease which decides over the address. */
function addressHolder(rehearsal: Rehearsal): Promise<string> {
	const holder = "jsonpath={.spec.holderIdentity}";
	return rehearsal.kubectl("--namespace", "kube-system", "get", "lease", "plndr-cp-lock", "--output", holder);
}

async function eventually(seconds: number, check: () => Promise<unknown>): Promise<void> {
	for (const end = Date.now() + seconds * 1000; ; await setTimeout(200)) {
		try {
			await check();
			return;
		} catch (error) {
			if (Date.now() > end) {
				throw error;
			}
		}
	}
}
