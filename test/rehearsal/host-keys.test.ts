/**
 * Two machines on Proxmox VE 9, whose host keys it reads through the guest agent, and the data disk of one of them. The
 * cases build on one another.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, eventually, only } from "./support.ts";

const worker = "proj-k8sw01";
const [workerId, workerAddress] = [107, "10.25.20.7"];
const server = "proj-k8sm01";

describe("machines whose guest agent is asked", () => {
	let rehearsal: Rehearsal;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-host-keys",
			stack: "lab",
			change: {
				nodes: { ...only(server, worker), [worker]: { dataDiskGiB: 200 } },
				proxmox: { version: 9 },
				ssh: { hostKeySource: "guest-agent", bootTimeoutSeconds: 45 },
			},
			say: () => undefined,
		});
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("an image without an agent is named, when the time to boot is over", async () => {
		const [path, message] = [`/qemu/${workerId}/agent/`, "QEMU guest agent is not running"];
		await rehearsal.datacenter.cause({ kind: "reply", path, status: 500, message, times: 1000 });
		const result = await rehearsal.up();
		await rehearsal.datacenter.cause({ kind: "clear" });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(`${worker}: host-key: no guest agent answered within 45 s`);
	});

	test("somebody else at the address of a machine is refused at first contact", async () => {
		// The other machine answers there; the worker runs, and Proxmox still reaches its agent.
		const { gateway } = rehearsal.stack.network;
		// It speaks from there again and again: its own network service may take away an address that it did not give, and the
		// gateway has to forget whose address it was.
		const take = `ip address replace ${workerAddress}/32 dev eth0; ping -c 1 -W 1 -I ${workerAddress} ${gateway}`;
		const takeAddress = () => rehearsal.onNode(server, `sh -c '${take}'`).catch(() => undefined);
		await rehearsal.datacenter.cause({ kind: "link", vmId: workerId, up: false });
		await takeAddress();
		const again = setInterval(takeAddress, 2000);
		const result = await rehearsal.up();
		clearInterval(again);
		await takeAddress();
		await rehearsal.onNode(server, `ip address delete ${workerAddress}/32 dev eth0`);
		await rehearsal.datacenter.cause({ kind: "link", vmId: workerId, up: true });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(`${worker}: host-key: somebody else answers at ${workerAddress}`);
	});

	test("the next up goes on from there, and then nothing is left to do", async () => {
		const result = await rehearsal.up();
		expect(complaints(result)).toBe("");
		expect(changeCount(await rehearsal.preview())).toBe(0);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("another source of host keys changes nothing about machines that are known, nor does the first one again", async () => {
		const firstContact = { ssh: { hostKeySource: "first-contact" } };
		for (const change of [firstContact, {}]) {
			expect(changeCount(await rehearsal.preview(change))).toBe(0);
			expect(changeCount(await rehearsal.up(change))).toBe(0);
		}
	});

	const grown = { nodes: { [worker]: { dataDiskGiB: 300 } } };
	const onDisk = (command: string) => rehearsal.onNode(worker, `sh -c 'mountpoint --quiet /mnt/data && ${command}'`);
	const fileSystemGiB = async () => Number(await onDisk("df --block-size=1G --output=size /mnt/data | tail -n 1"));

	test("a data disk that grows in the stack file grows in the machine, with what is on it", async () => {
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

	test("after a reboot the data disk is mounted again, and traffic is routed whatever the image's hardening wants", async () => {
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
});
