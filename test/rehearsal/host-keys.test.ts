/**
 * Host keys of two machines that Proxmox VE 9 reads through the guest agent, the first boot behind a bastion, and the data disk of one
 * machine. Each test continues from the state of the one before.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { type Bastion, startBastion } from "./support/bastion.ts";
import { startNat } from "./support/nat.ts";
import { complaints, eventually, nodesOnly } from "./support/scenario.ts";

const worker = "proj-k8sw01";
const [workerId, workerAddress] = [107, "10.25.20.7"];
const server = "proj-k8sm01";
const machines = nodesOnly(server, worker);

describe("machines with host keys from the guest agent", () => {
	let rehearsal: Rehearsal;
	const port = 2222;
	let bastion: Bastion;
	const throughBastion = () => {
		const { hostKey } = bastion;
		return { ssh: { bastion: { host: `${rehearsal.stack.network.gateway}:${port}`, user: "jump", hostKey } } };
	};

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-host-keys",
			stack: "lab",
			policies: false,
			change: {
				...machines,
				nodes: { ...machines.nodes, [worker]: { dataDiskGiB: 200 } },
				proxmox: { version: 9 },
				ssh: { hostKeySource: "guest-agent", bootTimeoutSeconds: 45 },
			},
			say: () => undefined,
		});
		bastion = await startBastion(rehearsal.run, port, rehearsal.secrets.bastionKey!);
	});

	afterAll(async () => {
		try {
			await bastion?.stop();
		} finally {
			await rehearsal?.close();
		}
	});

	test("up names the node when no guest agent answers within the boot timeout", async () => {
		const [path, message] = [`/qemu/${workerId}/agent/`, "QEMU guest agent is not running"];
		await rehearsal.datacenter.injectFault({ kind: "reply", path, status: 500, message, times: 1000 });
		const result = await rehearsal.up(throughBastion());
		await rehearsal.datacenter.injectFault({ kind: "clear" });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(`${worker}: host-key: no guest agent answered within 45 s`);
	});

	test("the first contact is refused when another machine has the address", async () => {
		// The other machine takes the address. The worker runs, and Proxmox still reaches its agent.
		const { gateway } = rehearsal.stack.network;
		// It takes the address repeatedly, because its network service may remove a foreign address. It announces the address with
		// an ARP request for the gateway, and therefore deletes the gateway's entry first.
		const announce = `ip neighbour flush to ${gateway}; ping -c 1 -W 1 -I ${workerAddress} ${gateway}`;
		const take = `ip address replace ${workerAddress}/32 dev eth0; ${announce}`;
		const takeAddress = () => rehearsal.onNode(server, `sh -c '${take}'`).catch(() => undefined);
		await rehearsal.datacenter.injectFault({ kind: "link", vmId: workerId, up: false });
		await takeAddress();
		const again = setInterval(takeAddress, 2000);
		const result = await rehearsal.up(throughBastion());
		clearInterval(again);
		await takeAddress();
		await rehearsal.onNode(server, `ip address delete ${workerAddress}/32 dev eth0`);
		await rehearsal.datacenter.injectFault({ kind: "link", vmId: workerId, up: true });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(
			`${worker}: host-key: the SSH server at ${workerAddress} has another host key`,
		);
	});

	test("the next up continues through the bastion, and a preview is empty", async () => {
		const result = await rehearsal.up(throughBastion());
		expect(complaints(result)).toBe("");
		expect([...bastion.forwards].sort()).toEqual(["10.25.20.4:22", `${workerAddress}:22`]);
		expect(changeCount(await rehearsal.preview(throughBastion()))).toBe(0);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("the way without the bastion is recorded without a run", async () => {
		expect((await rehearsal.command("reach")).printed).toMatch(
			/^proj-k8sm01: another bastion is recorded for \d+ commands\.\nproj-k8sw01: another bastion is recorded for \d+ commands\.\n$/,
		);
		bastion.forwards.clear();
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("known machines do not change when the source of host keys changes", async () => {
		const firstContact = { ssh: { hostKeySource: "first-contact" } };
		for (const change of [firstContact, {}]) {
			expect(changeCount(await rehearsal.preview(change))).toBe(0);
			expect(changeCount(await rehearsal.up(change))).toBe(0);
		}
	});

	const grown = { nodes: { [worker]: { dataDiskGiB: 300 } } };
	const onDisk = (command: string) => rehearsal.onNode(worker, `sh -c 'mountpoint --quiet /mnt/data && ${command}'`);
	const fileSystemGiB = async () => Number(await onDisk("df --block-size=1G --output=size /mnt/data | tail -n 1"));

	test("a data disk grows in the machine and keeps its files when it grows in the stack file", async () => {
		await onDisk("echo kept >/mnt/data/volume-01/note");
		expect(await fileSystemGiB()).toBeLessThan(200);
		const result = await rehearsal.up(grown);
		expect(complaints(result)).toBe("");
		expect(result.changes).toMatchObject({ replace: 0, delete: 0 });
		expect(await fileSystemGiB()).toBeGreaterThan(290);
		expect(await onDisk("cat /mnt/data/volume-01/note")).toBe("kept\n");
		const volumes = await rehearsal.kubectl("get", "persistentvolumes", "--output", "name");
		expect(volumes.trim().split("\n")).toHaveLength(2);
		expect(changeCount(await rehearsal.preview(grown))).toBe(0);
	});

	test("the data disk is mounted and traffic is routed after a reboot when the image's hardening forbids routing", async () => {
		await rehearsal.onNode(worker, "sh -c 'echo net.ipv4.ip_forward = 0 >/etc/sysctl.d/99-cis-kernel.conf'");
		const bootId = "cat /proc/sys/kernel/random/boot_id";
		const before = await rehearsal.onNode(worker, bootId);
		await rehearsal.power(worker, "reboot");
		await eventually(() => rehearsal.onNode(worker, "true"), 120);
		expect(await rehearsal.onNode(worker, bootId)).not.toBe(before);
		expect(await onDisk("cat /mnt/data/volume-01/note")).toBe("kept\n");
		expect(await fileSystemGiB()).toBeGreaterThan(290);
		expect(await rehearsal.onNode(worker, "cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
		expect(changeCount(await rehearsal.preview(grown))).toBe(0);
	});

	const hardened = { ...grown, cluster: { kernel: { settings: { "net.ipv4.ip_local_port_range": "20000 60999" } } } };
	const range = () => rehearsal.onNode(worker, "cat /proc/sys/net/ipv4/ip_local_port_range");

	test("a machine is refused with the name of the runbook when its host keys changed", async () => {
		await rehearsal.onNode(worker, "sh -c 'rm /etc/ssh/ssh_host_*; ssh-keygen -q -A; systemctl restart ssh'");
		const result = await rehearsal.up(hardened);
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(
			`${worker} has another SSH host key than the recorded one, and the program sent nothing to it.`,
		);
		expect(complaints(result)).toContain("docs/operations/reach.md");
		expect((await range()).trim().split(/\s+/)).not.toEqual(["20000", "60999"]);
	});

	let hostKey = "";
	const pinned = () => ({ ...hardened, ssh: { hostKeys: { [worker]: hostKey } } });

	test("the runbook records the new key, and up then makes only the refused change", async () => {
		const published = (await rehearsal.onNode(worker, "cat /etc/ssh/ssh_host_ed25519_key.pub")).trim();
		hostKey = published.split(" ").slice(0, 2).join(" ");

		const refused = await rehearsal.command("reach", {
			...pinned(),
			ssh: { user: "nobody-yet", hostKeys: { [worker]: hostKey } },
		});
		expect(refused.status).toBe(1);
		expect(refused.printed).toMatch(
			/^proj-k8sm01: nobody-yet cannot log in at 10\.25\.20\.4 and become root: .*\nproj-k8sw01: .*\nThe program logs in with: ssh-ed25519 \S+\nNothing was recorded\.\n$/,
		);
		expect(await rehearsal.command("reach", pinned())).toEqual({
			status: 0,
			printed: `${worker}: another host key is recorded for 6 commands.\n`,
		});

		const result = await rehearsal.up(pinned());
		expect(complaints(result)).toBe("");
		expect(result.changes).toMatchObject({ create: 0, update: 1, replace: 0, delete: 0 });
		expect((await range()).trim().split(/\s+/)).toEqual(["20000", "60999"]);
		expect(changeCount(await rehearsal.preview(pinned()))).toBe(0);
		expect((await rehearsal.command("reach", pinned())).printed).toBe(
			"Every command has the connection of the stack file.\n",
		);
	});

	test("another SSH key of the program takes the place of the old one on the nodes, and is recorded without a run", async () => {
		const key = "urn:pulumi:lab::rke2-lab::tls:index/privateKey:PrivateKey::ssh";
		expect(complaints(await rehearsal.up(pinned(), { targets: [key], replace: [key] }))).toBe("");
		const file = "/home/ops/.ssh/authorized_keys";
		const keys = (node: string) => rehearsal.onNode(node, `cat ${file}`);
		const own = readFileSync(join(rehearsal.run.directory, "id_ed25519.pub"), "utf8").split(" ")[1]!;
		const line = (await keys(worker)).split("\n").find((text) => text.startsWith("ssh-") && !text.includes(own))!;
		const old = line.split(" ")[1]!;

		// One node accepts neither key: no node loses the old one.
		await rehearsal.onNode(worker, `sed -i s,^ssh-ed25519.${old},#, ${file}`);
		const refused = await rehearsal.command("reach", pinned());
		expect(refused.status).toBe(1);
		expect(refused.printed).toMatch(/^proj-k8sw01: ops cannot log in at .*\n.*\nNothing was recorded\.\n$/);
		expect(await keys(server)).toContain(old);
		await rehearsal.onNode(worker, `sh -c 'echo ssh-ed25519 ${old} >>${file}'`);

		const recorded = await rehearsal.command("reach", pinned());
		for (const node of [server, worker]) {
			expect(await keys(node)).not.toContain(old);
			expect(await keys(node)).toContain(own);
			expect(await rehearsal.onNode(node, `stat --format %a,%U ${file}`)).toBe("600,ops\n");
		}
		expect(recorded.printed).toMatch(
			/^proj-k8sm01: another SSH key is recorded for \d+ commands\.\nproj-k8sw01: another SSH key is recorded for \d+ commands\.\n$/,
		);
		expect(changeCount(await rehearsal.preview(pinned()))).toBe(0);
	});

	test("a bastion is recorded without a run, and the next change goes through it alone", async () => {
		const direct = {
			...pinned(),
			cluster: { kernel: { settings: { "net.ipv4.ip_local_port_range": "21000 60999" } } },
		};
		const way = throughBastion().ssh.bastion;
		const through = { ...direct, ssh: { ...direct.ssh, bastion: way } };
		const other = { ...direct, ssh: { ...direct.ssh, bastion: { ...way, hostKey: pinned().ssh.hostKeys[worker] } } };
		expect((await rehearsal.command("reach", other)).printed).toContain("Host key verification failed.");
		expect((await rehearsal.command("reach", through)).printed).toMatch(
			/^proj-k8sm01: another bastion is recorded for \d+ commands\.\nproj-k8sw01: another bastion is recorded for \d+ commands\.\n$/,
		);
		bastion.forwards.clear();
		const result = await rehearsal.up(through);
		expect(complaints(result)).toBe("");
		expect(result.changes).toMatchObject({ create: 0, update: 2, replace: 0, delete: 0 });
		expect((await range()).trim().split(/\s+/)).toEqual(["21000", "60999"]);
		expect([...bastion.forwards].sort()).toEqual(["10.25.20.4:22", `${workerAddress}:22`]);
		expect(changeCount(await rehearsal.preview(through))).toBe(0);
		expect((await rehearsal.command("reach", direct)).status).toBe(0);
		expect(changeCount(await rehearsal.preview(direct))).toBe(0);
	});

	test("another address and port of each node is recorded without a run, and the next change goes there alone", async () => {
		const nat = await startNat(rehearsal.run, { 2204: "10.25.20.4", 2207: workerAddress });
		const { gateway } = rehearsal.stack.network;
		const change = {
			...pinned(),
			cluster: { kernel: { settings: { "net.ipv4.ip_local_port_range": "22000 60999" } } },
		};
		const at = (serverPort: number, workerPort: number) => ({
			...change,
			ssh: {
				...change.ssh,
				addresses: { [server]: `${gateway}:${serverPort}`, [worker]: `${gateway}:${workerPort}` },
			},
		});
		try {
			// Behind each port is the other node, which has another host key.
			expect((await rehearsal.command("reach", at(2207, 2204))).printed).toMatch(
				/^proj-k8sm01: ops cannot log in at \S+:2207 and become root: Host key verification failed\.\nproj-k8sw01: .*\n.*\nNothing was recorded\.\n$/,
			);
			expect((await rehearsal.command("reach", at(2204, 2207))).printed).toMatch(
				/^proj-k8sm01: another address is recorded for \d+ commands\.\nproj-k8sw01: another address is recorded for \d+ commands\.\n$/,
			);
			nat.forwards.clear();
			const result = await rehearsal.up(at(2204, 2207));
			expect(complaints(result)).toBe("");
			expect(result.changes).toMatchObject({ create: 0, update: 2, replace: 0, delete: 0 });
			expect((await range()).trim().split(/\s+/)).toEqual(["22000", "60999"]);
			expect([...nat.forwards].sort()).toEqual(["10.25.20.4", workerAddress]);
			expect(changeCount(await rehearsal.preview(at(2204, 2207)))).toBe(0);
			expect((await rehearsal.command("reach", at(2204, 2207))).printed).toBe(
				"Every command has the connection of the stack file.\n",
			);
		} finally {
			await nat.stop();
		}
	});
});
