/** The machines of the datacenter, seen through the hypervisor and through SSH. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { destroyRun } from "../../rehearsal/datacenter/destroy-run.ts";
import { countLeftovers } from "../../rehearsal/datacenter/leftovers.ts";
import type { MachineSpec } from "../../rehearsal/doubles/proxmox/hypervisor.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";
import { eventually } from "./support/scenario.ts";

const execute = promisify(execFile);
const run = describeRun(`machines-${process.pid}`);
const first = machine(301, "first", "10.25.20.4");
const second = machine(302, "second", "10.25.20.5");
const poweredOff: number[] = [];

let room: MachineRoom;
let hypervisor: MachineRoom["hypervisor"];

beforeAll(async () => {
	room = await MachineRoom.open(run);
	hypervisor = room.hypervisor;
	hypervisor.onPowerOff((vmId) => poweredOff.push(vmId));
	await Promise.all([room.start(first), room.start(second)]);
});

afterAll(async () => {
	await room.close();
});

const ssh = (spec: MachineSpec, command: string) => room.ssh(spec, command);

describe("a machine that was started", () => {
	test("has the host name and the address of its cloud-init, and sudo without a password", async () => {
		expect(await ssh(first, "hostname; sudo -n id --user; getent hosts first.lab.example")).toMatch(
			/^first\n0\n127\.0\.1\.1\s/,
		);
		expect(await ssh(second, "hostname")).toBe("second");
	});

	test("reaches its neighbour and the gateway, and no other address", async () => {
		await ssh(first, "ping -c 1 -W 2 10.25.20.5 && ping -c 1 -W 2 10.25.20.1");
		await expect(ssh(first, "ping -c 1 -W 1 192.0.2.1")).rejects.toThrow();
	});

	test("reports its address and MAC address through the guest agent", async () => {
		const interfaces = await hypervisor.guestInterfaces(first.vmId);
		expect(interfaces?.find(({ name }) => name === "eth0")).toMatchObject({
			mac: "bc:24:11:00:03:01",
			addresses: expect.arrayContaining([{ address: "10.25.20.4", prefix: 24, family: "ipv4" }]),
		});
	});

	test("runs the binaries of the toolbox", async () => {
		const versions = await ssh(first, "/opt/rehearsal/bin/etcd --version; /opt/rehearsal/bin/node --version");
		expect(versions).toMatch(/^etcd Version: 3\.6\./);
		expect(versions).toContain(process.version);
	});

	test("refuses to be started twice", async () => {
		await expect(hypervisor.start(first)).rejects.toThrow("VM 301 (first) is running already.");
	});
});

test("a machine has its own sysctls when hardening writes them", async () => {
	const before = await readFile("/proc/sys/vm/overcommit_memory", "utf8");
	await ssh(
		first,
		`printf 'vm.overcommit_memory=1\\nkernel.panic=10\\nnet.ipv4.ip_unprivileged_port_start=80\\n' |
		 sudo tee /etc/sysctl.d/60-test.conf && sudo sysctl --system && sudo modprobe br_netfilter overlay &&
		 sudo sysctl -w net.bridge.bridge-nf-call-iptables=1`,
	);
	const settings = "cat /proc/sys/vm/overcommit_memory /proc/sys/kernel/panic";
	expect(await ssh(first, settings)).toBe("1\n10");
	expect(await ssh(second, settings)).toBe("0\n0");
	expect(await readFile("/proc/sys/vm/overcommit_memory", "utf8")).toBe(before);
});

describe("power", () => {
	test("a reboot keeps the disk and the host key, and loses settings that no file has", async () => {
		await ssh(
			first,
			"echo kept | sudo tee /etc/kept; sudo sysctl -w kernel.panic_on_oops=1 net.ipv4.tcp_keepalive_time=60; sudo ip address add 10.25.20.29/32 dev eth0",
		);
		await hypervisor.reboot(first.vmId);
		const after = await eventually(() =>
			ssh(
				first,
				"cat /etc/kept; cd /proc/sys; cat kernel/panic_on_oops net/ipv4/tcp_keepalive_time kernel/panic; ip -brief -4 address show eth0",
			),
		);
		expect(after).toMatch(/^kept\n0\n7200\n10\neth0\S*\s+UP\s+10\.25\.20\.4\/24$/);
	});

	test("a reboot of the guest is not reported as a power-off", async () => {
		const bootId = () => ssh(second, "cat /proc/sys/kernel/random/boot_id");
		const before = await bootId();
		await ssh(second, "sudo systemctl reboot").catch(() => undefined);
		await eventually(async () => expect(await bootId()).not.toBe(before));
		expect(hypervisor.isRunning(second.vmId)).toBe(true);
		expect(poweredOff).toEqual([]);
	});

	test("a power-off of the guest is reported, and the next start has the same disk", async () => {
		await ssh(second, "echo mine > note; sync; sudo systemctl poweroff").catch(() => undefined);
		await eventually(async () => expect(hypervisor.isRunning(second.vmId)).toBe(false));
		expect(poweredOff).toEqual([302]);
		expect(await hypervisor.guestInterfaces(second.vmId)).toBeUndefined();
		await hypervisor.start(second);
		expect(await eventually(() => ssh(second, "cat note"))).toBe("mine");
	});

	test("a power cut is not reported, and the next start has the same disk", async () => {
		await ssh(second, "echo written > cut");
		await hypervisor.stop(second.vmId);
		expect(hypervisor.isRunning(second.vmId)).toBe(false);
		expect(poweredOff).toEqual([302]);
		await hypervisor.start(second);
		expect(await eventually(() => ssh(second, "cat cut"))).toBe("written");
	});

	test("a shutdown ends the machine's services first", async () => {
		await ssh(
			second,
			"sudo systemd-run --quiet --property ExecStop='/bin/touch /var/lib/stopped' --property Type=exec sleep infinity",
		);
		await hypervisor.shutdown(second.vmId, 30);
		await hypervisor.start(second);
		await eventually(() => ssh(second, "test -e /var/lib/stopped"));
	});

	test("a shutdown fails with the name of the machine when the guest does not power off in time", async () => {
		await ssh(
			second,
			"sudo systemd-run --quiet --property ExecStop='/bin/sleep 30' --property TimeoutStopSec=60 --property Type=exec sleep infinity",
		);
		await expect(hypervisor.shutdown(second.vmId, 1)).rejects.toThrow(
			"VM 302 (second) did not power off within 1 seconds.",
		);
		await hypervisor.stop(second.vmId);
		await hypervisor.start(second);
	});
});

test("a machine is unreachable, also after a reboot, when its cable is pulled", async () => {
	await eventually(() => ssh(first, "ping -c 1 -W 1 10.25.20.5"));
	await hypervisor.setLink(second.vmId, 0, false);
	await expect(ssh(second, "true")).rejects.toThrow();
	await hypervisor.reboot(second.vmId);
	await expect(ssh(first, "ping -c 2 -W 1 10.25.20.5")).rejects.toThrow();
	await hypervisor.setLink(second.vmId, 0, true);
	expect(await eventually(() => ssh(second, "hostname"))).toBe("second");
});

test("machines do not reach each other when their VLAN tags differ", async () => {
	await hypervisor.stop(second.vmId);
	await hypervisor.start({ ...second, nics: [{ ...second.nics[0]!, tag: 30 }] });
	await eventually(async () => expect(await hypervisor.guestInterfaces(second.vmId)).toBeDefined());
	await expect(ssh(first, "ping -c 2 -W 1 10.25.20.5")).rejects.toThrow();
});

test("a machine has another host key when its disk is new", async () => {
	await hypervisor.stop(second.vmId);
	await hypervisor.deleteVolume(second.systemVolume);
	await hypervisor.start(second);
	expect(await room.hostKey(second)).not.toBe(await room.pinnedKey(second));
	await expect(ssh(second, "true")).rejects.toThrow("Host key verification failed");
});

test("a start fails with the console output when the machine cannot boot", async () => {
	const broken = machine(303, "broken", "10.25.20.6");
	broken.cloudInit.addresses = [];
	await expect(hypervisor.start(broken)).rejects.toThrow(/^VM 303 \(broken\) did not boot: .*networks\/\*\.network/s);
	expect(hypervisor.isRunning(303)).toBe(false);
});

test("destroyRun leaves nothing when machines still run", async () => {
	expect(countLeftovers(run)).toMatchObject({ mounts: 0, namespaces: 1 });
	expect(countLeftovers(run).processes).toBeGreaterThan(10);
	await destroyRun(run);
	expect(countLeftovers(run)).toEqual({ processes: 0, mounts: 0, namespaces: 0 });
	const { stdout } = await execute("ps", ["-e", "-o", "args"]);
	expect(stdout).not.toContain(run.directory);
});
