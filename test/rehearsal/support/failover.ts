/** Steps that every way to the API goes through when one of three servers loses power. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rehearsal } from "../../../rehearsal/rehearsal.ts";
import { changeCount } from "../../../rehearsal/report/result.ts";
import { errors, eventually, only } from "./scenario.ts";

export const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
export const worker = "proj-k8sw01";

interface WayToTheApi {
	/** Mode of `cluster.api`; names the rehearsal, too. */
	mode: string;
	/** What the stack file says under `cluster.api`. */
	api: Record<string, unknown>;
	/** What the kubeconfig has for the API. */
	at: string;
	/** Servers that have the API's address at a time. */
	holders: 0 | 1;
}

/**
 * Opens a rehearsal of three servers and a worker, tests that the API outlives a server, and closes it after the tests of
 * the describe that calls this. They find it as the last step leaves it: complete, with nothing to do.
 *
 * @returns the rehearsal, once tests run
 */
export function outlivesAServer({ mode, api, at, holders: expected }: WayToTheApi): () => Rehearsal {
	let rehearsal: Rehearsal;
	let lost: string;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: `test-failover-${mode}`,
			stack: "lab",
			change: { nodes: only(...servers, worker), cluster: { api } },
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

/** Servers that have the API's address on their network card; none where it is not the servers' own. */
export async function holders(rehearsal: Rehearsal): Promise<string[]> {
	const { address } = rehearsal.stack.cluster.api;
	const held = servers.map(async (server) =>
		// One that is switched off holds nothing.
		(await rehearsal.onNode(server, "ip -brief address show").catch(() => "")).includes(` ${address}/`) ? [server] : [],
	);
	return (await Promise.all(held)).flat();
}
