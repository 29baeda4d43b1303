/** The API outlives a server when its address goes from one to another, and the program finds nothing to repair afterwards. */
import { describe, expect, test } from "vitest";
import { holders, outlivesAServer, servers, worker } from "./failover.ts";
import { errors, eventually } from "./support.ts";

const at = "10.25.20.29";

describe("three control planes and a worker, mode kube-vip", () => {
	const rehearsal = outlivesAServer({ mode: "kube-vip", api: {}, at, holders: 1 });
	const signal = (server: string, name: "STOP" | "CONT") =>
		rehearsal().onNode(server, `sh -c 'kill -${name} $(pidof kube-apiserver)'`);

	test("when the API server of the holder hangs, another server holds the address, and keeps it", async () => {
		const [hung] = (await holders(rehearsal())) as [string];
		await signal(hung, "STOP");
		const successors = await eventually(async () => {
			const holding = await holders(rehearsal());
			expect(holding).toHaveLength(1);
			expect(holding).not.toContain(hung);
			return holding;
		}, 120);
		await eventually(() => rehearsal().kubectl("get", "--raw", "/readyz", "--request-timeout=3s"));
		await signal(hung, "CONT");
		await eventually(
			async () => expect(await rehearsal().verify()).toMatchObject({ etcdVoters: 3, problems: [] }),
			120,
		);
		expect(await holders(rehearsal())).toEqual(successors);
	});
});

describe("three control planes and a worker, mode keepalived", () => {
	const rehearsal = outlivesAServer({ mode: "keepalived", api: { mode: "keepalived" }, at, holders: 1 });

	test("keepalived finds no fault with what it was given", async () => {
		const report = await rehearsal().onNode("proj-k8sm02", "sh -c 'keepalived --config-test 2>&1'");
		expect(report).toBe("");
		const file = "stat --format %a,%U /etc/keepalived/keepalived.conf";
		expect(await rehearsal().onNode("proj-k8sm02", file)).toBe("600,root\n");
	});

	test("a server that is changed lets go of the address first", async () => {
		expect(errors(await rehearsal().up({ cluster: { etcdMetrics: true } }))).toEqual([]);
		for (const server of servers) {
			const journal = await rehearsal().onNode(server, "journalctl --output cat --boot _PID=1");
			expect(journal.match(/^(Stopping|Starting) (keepalived|rke2-server)\.service/gm)?.slice(-4)).toEqual([
				"Stopping keepalived.service",
				"Stopping rke2-server.service",
				"Starting rke2-server.service",
				"Starting keepalived.service",
			]);
		}
		expect(await holders(rehearsal())).toHaveLength(1);
	});

	test("a machine that cannot be given keepalived says so", async () => {
		await rehearsal().onNode(worker, "dpkg --remove keepalived");
		await expect(rehearsal().onNode(worker, `/usr/local/lib/rke2-lab/address.sh ${worker} keepalived`)).rejects.toThrow(
			`${worker}: address: keepalived is not installed on this node and apt cannot install it`,
		);
	});
});
