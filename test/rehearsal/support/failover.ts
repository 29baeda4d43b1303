/** Failover tests that all modes of the API share: one of three servers loses power. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rehearsal } from "../../../rehearsal/rehearsal.ts";
import { changeCount } from "../../../rehearsal/report/result.ts";
import { errors, eventually, nodesOnly } from "./scenario.ts";

export const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
export const worker = "proj-k8sw01";

interface ApiMode {
	/** Mode of `cluster.api`, also part of the rehearsal's name. */
	mode: string;
	/** Values under `cluster.api`. */
	api: Record<string, unknown>;
	/** Address or name of the API in the kubeconfig. */
	at: string;
	/** Number of servers that hold the API's address. */
	holders: 0 | 1;
}

/**
 * Opens a rehearsal of three servers and a worker, defines the failover tests, and closes the rehearsal after the tests of the
 * calling `describe`. Its other tests get a complete cluster with an empty preview.
 *
 * @returns a function that returns the rehearsal when the tests run
 */
export function testFailover({ mode, api, at, holders: expected }: ApiMode): () => Rehearsal {
	let rehearsal: Rehearsal;
	let lost: string;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: `test-failover-${mode}`,
			stack: "lab",
			policies: false,
			change: { ...nodesOnly(...servers, worker), cluster: { api } },
			say: () => undefined,
		});
		expect(errors(await rehearsal.up())).toEqual([]);
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("all nodes are ready, the API answers under its name, and a preview is empty", async () => {
		expect(await rehearsal.verify()).toMatchObject({ apiAddress: at, nodesReady: 4, etcdVoters: 3, problems: [] });
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("another server answers when the answering one loses power", async () => {
		const holding = await holders(rehearsal);
		expect(holding).toHaveLength(expected);
		lost = holding[0] ?? servers[0];
		await rehearsal.power(lost, "stop");
		const cut = Date.now();
		await eventually(() => rehearsal.kubectl("get", "--raw", "/readyz", "--request-timeout=3s"));
		console.log(`${mode}: the API answers again ${((Date.now() - cut) / 1000).toFixed(1)} s after the power was cut`);
	});

	test("the server is a member again when it has power again, and up changes nothing", async () => {
		const successors = await holders(rehearsal);
		expect(successors).toHaveLength(expected);
		expect(successors).not.toContain(lost);
		await rehearsal.power(lost, "start");
		await eventually(async () => expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] }), 120);
		expect(await holders(rehearsal)).toEqual(successors);
		const up = await rehearsal.up();
		expect(up.succeeded).toBe(true);
		expect(changeCount(up)).toBe(0);
	});

	return () => rehearsal;
}

/** Servers with the API's address on a network interface; none when the address does not belong to the servers. */
export async function holders(rehearsal: Rehearsal): Promise<string[]> {
	const { address } = rehearsal.stack.cluster.api;
	const held = servers.map(async (server) =>
		// A stopped server holds no address.
		(await rehearsal.onNode(server, "ip -brief address show").catch(() => "")).includes(` ${address}/`) ? [server] : [],
	);
	return (await Promise.all(held)).flat();
}
