/** The API outlives a server, however it is reached, and the program finds nothing to repair afterwards. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { errors, eventually, only } from "./support.ts";

const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"];

interface Case {
	mode: string;
	/** What the stack file says under `cluster.api`. */
	api: Record<string, unknown>;
	/** What the kubeconfig has for the API. */
	at: string;
}

const moving: Case[] = [
	{ mode: "kube-vip", api: {}, at: "10.25.20.29" },
	{ mode: "keepalived", api: { mode: "keepalived" }, at: "10.25.20.29" },
];
const fixed: Case[] = [
	// In another segment, behind the gateway.
	{ mode: "external", api: { mode: "external", address: "10.25.10.40" }, at: "10.25.10.40" },
	{ mode: "dns", api: { mode: "dns", address: null }, at: "api.k8s.lab.internal" },
];

describe.each([...moving, ...fixed])("three control planes and a worker, mode $mode", ({ mode, api, at }) => {
	let rehearsal: Rehearsal;
	let lost: string;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: `test-failover-${mode}`,
			engine: "embedded",
			stack: "lab",
			change: { nodes: only(...servers, "proj-k8sw01"), cluster: { api } },
			say: () => undefined,
		});
		expect(errors(await rehearsal.up())).toEqual([]);
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("all have joined, the API answers under its name, and nothing is left to do", async () => {
		expect(await rehearsal.verify()).toMatchObject({ apiAddress: at, nodesReady: 4, etcdVoters: 3, problems: [] });
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test.runIf(mode === "keepalived")("keepalived finds no fault with what it was given", async () => {
		const report = await rehearsal.onNode("proj-k8sm02", "sh -c 'keepalived --config-test 2>&1'");
		expect(report).toBe("");
		const file = "stat --format %a,%U /etc/keepalived/keepalived.conf";
		expect(await rehearsal.onNode("proj-k8sm02", file)).toBe("600,root\n");
	});

	test("when the server that answers loses power, another one answers there", async () => {
		const holding = await holders(rehearsal);
		expect(holding).toHaveLength(moves(mode) ? 1 : 0);
		lost = holding[0] ?? "proj-k8sm01";
		await rehearsal.power(lost, "stop");
		const cut = Date.now();
		await eventually(() => rehearsal.kubectl("get", "--raw", "/readyz", "--request-timeout=3s"));
		console.log(`${mode}: the API answers again ${((Date.now() - cut) / 1000).toFixed(1)} s after the power was cut`);
	});

	test("once it is switched on again it is a member as before, and up changes nothing", async () => {
		const successors = await holders(rehearsal);
		expect(successors).toHaveLength(moves(mode) ? 1 : 0);
		expect(successors).not.toContain(lost);
		await rehearsal.power(lost, "start");
		await eventually(async () => expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] }), 120);
		expect(await holders(rehearsal)).toEqual(successors);
		const up = await rehearsal.up();
		expect(up.succeeded).toBe(true);
		expect(changeCount(up)).toBe(0);
	});

	test.runIf(mode === "keepalived")("a server that is changed lets go of the address first", async () => {
		expect(errors(await rehearsal.up({ cluster: { etcdMetrics: true } }))).toEqual([]);
		for (const server of servers) {
			const journal = await rehearsal.onNode(server, "journalctl --output cat --boot _PID=1");
			expect(journal.match(/^(Stopping|Starting) (keepalived|rke2-server)\.service/gm)?.slice(-4)).toEqual([
				"Stopping keepalived.service",
				"Stopping rke2-server.service",
				"Starting rke2-server.service",
				"Starting keepalived.service",
			]);
		}
		expect(await holders(rehearsal)).toHaveLength(1);
	});

	test.runIf(mode === "keepalived")("a machine that cannot be given keepalived says so", async () => {
		await rehearsal.onNode("proj-k8sw01", "dpkg --remove keepalived");
		await expect(
			rehearsal.onNode("proj-k8sw01", "/usr/local/lib/rke2-lab/address.sh proj-k8sw01 keepalived"),
		).rejects.toThrow("proj-k8sw01: address: keepalived is not installed on this node and apt cannot install it");
	});

	test.runIf(mode === "dns")("a control plane without an A record is refused", async () => {
		await expect(
			rehearsal.onNode(
				"proj-k8sw01",
				`/usr/local/lib/rke2-lab/address.sh proj-k8sw01 dns ${at} 10.25.20.4 10.25.20.5 10.25.20.7`,
			),
		).rejects.toThrow(
			`proj-k8sw01: address: ${at} resolves to 10.25.20.4 10.25.20.5 10.25.20.6 on this node, but cluster.api.mode dns needs an A record for each control plane: 10.25.20.4 10.25.20.5 10.25.20.7`,
		);
	});
});

/** Whether the API's address goes from one server to another. */
function moves(mode: string): boolean {
	return moving.some((each) => each.mode === mode);
}

/** Servers that have the API's address on their network card; none where it is not the servers' own. */
async function holders(rehearsal: Rehearsal): Promise<string[]> {
	const { address } = rehearsal.stack.cluster.api;
	const held = servers.map(async (server) =>
		// One that is switched off holds nothing.
		(await rehearsal.onNode(server, "ip -brief address show").catch(() => "")).includes(` ${address}/`) ? [server] : [],
	);
	return (await Promise.all(held)).flat();
}
