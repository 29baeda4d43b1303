/** Failover of the API when servers hold its address. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { holders, servers, testFailover, worker } from "./support/failover.ts";
import { complaints, errors, eventually } from "./support/scenario.ts";

const at = "10.25.20.29";

describe("three control planes and a worker, mode kube-vip", () => {
	const rehearsal = testFailover({ mode: "kube-vip", api: {}, at, holders: 1 });
	const signal = (server: string, name: "STOP" | "CONT", program = "kube-apiserver") =>
		rehearsal().onNode(server, `sh -c 'kill -${name} $(pidof ${program})'`);

	test("the holder keeps the address when its etcd pauses for 4 s", async () => {
		const [holder] = (await holders(rehearsal())) as [string];
		const leaseOf = "jsonpath={.spec.holderIdentity} {.spec.leaseTransitions}";
		const lease = () => rehearsal().kubectl("get", "lease", "-n", "kube-system", "plndr-cp-lock", "-o", leaseOf);
		const before = await lease();
		// The lease alone is not enough, because a container that ended would be restarted. The log shows its end.
		const log = "cat /var/lib/rancher/rke2/agent/logs/kube-vip.log";
		const written = await rehearsal().onNode(holder, log);
		await signal(holder, "STOP", "etcd");
		await sleep(4_000);
		await signal(holder, "CONT", "etcd");
		await sleep(3_000);
		expect(await holders(rehearsal())).toEqual([holder]);
		expect((await rehearsal().onNode(holder, log)).slice(written.length)).not.toContain("giving up");
		expect(await lease()).toBe(before);
	});

	test("a change that would cost etcd its quorum is refused before a server is touched", async () => {
		const [refusing, sick] = servers;
		const started = () => rehearsal().onNode(refusing, "systemctl show --property MainPID --value rke2-server.service");
		const before = await started();
		await signal(sick, "STOP", "etcd");
		const refused = await rehearsal().up({ cluster: { etcdMetrics: true } });
		await signal(sick, "CONT", "etcd");
		expect(complaints(refused)).toContain(
			`${refusing}: converge: etcd of ${sick} does not answer at 10.25.20.5; without this server 1 of 3 members are left, and etcd needs 2, so nothing was changed; repair the other server first`,
		);
		expect(await started()).toBe(before);
		await eventually(async () => expect(await rehearsal().verify()).toMatchObject({ etcdVoters: 3, problems: [] }));
	});

	test("another server takes the address and keeps it when the API server of the holder hangs", async () => {
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
	const rehearsal = testFailover({ mode: "keepalived", api: { mode: "keepalived" }, at, holders: 1 });

	test("keepalived accepts its configuration file", async () => {
		const report = await rehearsal().onNode("proj-k8sm02", "sh -c 'keepalived --config-test 2>&1'");
		expect(report).toBe("");
		const file = "stat --format %a,%U /etc/keepalived/keepalived.conf";
		expect(await rehearsal().onNode("proj-k8sm02", file)).toBe("600,root\n");
	});

	test("a server releases the address before RKE2 stops when it changes", async () => {
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

	test("the address step names the node when keepalived cannot be installed", async () => {
		await rehearsal().onNode(worker, "dpkg --remove keepalived");
		await expect(rehearsal().onNode(worker, `/usr/local/lib/rke2-lab/address.sh ${worker} keepalived`)).rejects.toThrow(
			`${worker}: address: keepalived is not installed on this node and apt cannot install it`,
		);
	});
});
