/** The reset and restore of a cluster of RKE2 doubles, by the commands of RKE2's documentation. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { MachineSpec } from "../../rehearsal/doubles/proxmox/hypervisor.ts";
import { addressOf, clusterToken, createLab, type Lab, machine } from "./support/rke2-double-lab.ts";

const [m01, m02] = [machine(1, "m01"), machine(2, "m02")] as const;
const data = "/var/lib/rancher/rke2/server";
const reset = "sudo /usr/local/bin/rke2 server --cluster-reset";

let lab: Lab;
let snapshot: string;

// The tests are steps of one cluster.
beforeAll(async () => {
	lab = await createLab();
	await Promise.all([m01, m02].map((spec) => lab.boot(spec)));
	for (const spec of [m01, m02]) {
		const server = spec === m01 ? {} : { server: `https://${addressOf(m01)}:9345` };
		const own = { "node-name": spec.name, "node-ip": addressOf(spec), token: clusterToken, profile: "cis" };
		await lab.configure(spec, stringify({ ...own, ...server, "ingress-controller": "none" }));
		await start(spec);
	}
	await lab.kubectl(m01, "create configmap before");
	const saved = await lab.ssh(m01, "sudo /usr/local/bin/rke2 etcd-snapshot save --name test");
	snapshot = `${data}/db/snapshots/${/Snapshot (test-\S+) saved/.exec(saved)?.[1]}`;
	await lab.kubectl(m01, "create configmap after");
});

afterAll(async () => {
	await lab?.destroy();
});

const start = (spec: MachineSpec) => lab.ssh(spec, "sudo systemctl start rke2-server.service");
const refusal = (spec: MachineSpec, command: string) => lab.ssh(spec, `! ${command} || false`);

async function members(): Promise<string[]> {
	const tls = `${data}/tls/etcd`;
	const access = `--endpoints=https://127.0.0.1:2379 --cacert=${tls}/server-ca.crt --cert=${tls}/client.crt --key=${tls}/client.key`;
	const list = await lab.ssh(m01, `sudo /opt/rehearsal/bin/etcdctl ${access} member list`);
	return list
		.split("\n")
		.map((line) => line.split(", ")[2]!.replace(/-[0-9a-f]{8}$/, ""))
		.sort();
}

test("a restore is refused while the server runs, with a server URL, and for a file that is no snapshot", async () => {
	const restore = (path: string) => `${reset} --cluster-reset-restore-path=${path}`;
	expect(await refusal(m01, restore(snapshot))).toContain("listen tcp :9345: bind: address already in use");
	for (const spec of [m01, m02]) {
		await lab.ssh(spec, "sudo /usr/local/bin/rke2-killall.sh");
	}
	expect(await refusal(m02, restore(snapshot))).toContain("cannot perform cluster-reset while server URL is set");
	expect(await refusal(m01, restore("/none"))).toContain("etcd: snapshot path does not exist: /none");
	await lab.ssh(m01, `sudo sh -c 'head -c 8192 ${snapshot} >/root/cut'`);
	expect(await refusal(m01, restore("/root/cut"))).toMatch(/level=fatal msg="starting etcd: .*snapshot/);
});

test("a restored cluster has one member and the objects of the snapshot, and the other server joins it without its data", async () => {
	const done = await lab.ssh(m01, `${reset} --cluster-reset-restore-path=${snapshot}`);
	expect(done).toContain("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now");
	expect(await refusal(m01, reset)).toContain(
		"you must first manually delete the /var/lib/rancher/rke2/server/db/reset-flag",
	);
	await start(m01);
	expect(await lab.kubectl(m01, "get configmaps --output name")).toContain("configmap/before");
	expect(await lab.kubectl(m01, "get configmaps --output name")).not.toContain("configmap/after");
	expect(await members()).toEqual(["m01"]);
	expect(await lab.ssh(m01, `sudo ls ${data}/db`)).toMatch(/^etcd\netcd-old-\d+/);
	await lab.ssh(m02, `sudo rm -rf ${data}/db`);
	await start(m02);
	expect(await members()).toEqual(["m01", "m02"]);
});

test("a reset without a snapshot leaves one member and every object", async () => {
	await lab.kubectl(m01, "create configmap kept");
	for (const spec of [m01, m02]) {
		await lab.ssh(spec, "sudo /usr/local/bin/rke2-killall.sh");
	}
	await lab.ssh(m01, reset);
	await start(m01);
	expect(await members()).toEqual(["m01"]);
	expect(await lab.kubectl(m01, "get configmap kept --output name")).toBe("configmap/kept");
});
