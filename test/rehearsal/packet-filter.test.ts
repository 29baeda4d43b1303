/**
 * The machines' firewall in a real kernel: the rules of the program before three machines, two of them nodes. Each test continues
 * from the state of the one before.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firewallRules } from "../../components/proxmox/firewall-rules.ts";
import { packetFilter } from "../../rehearsal/doubles/proxmox/qemu/packet-filter.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { labStack } from "../fixtures/lab.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";
import { eventually } from "./support/scenario.ts";

const stack = labStack({
	// The tests log in from the gateway.
	proxmox: { firewall: { enabled: true, adminCidrs: ["10.25.20.1/32"], clientCidrs: ["10.25.20.99/32"] } },
});
const server = machine(401, "proj-k8sm01", "10.25.20.4");
const worker = machine(402, "proj-k8sw01", "10.25.20.7");
const stranger = machine(403, "stranger", "10.25.20.99");
const [ports, overlay] = [[22, 80, 2379, 6443, 9345, 10250], 8472];

let room: MachineRoom;

/** Runs JavaScript in a machine. */
const node = (spec: typeof server, script: string, unit?: string) =>
	room.ssh(
		spec,
		`sudo ${unit ? `systemd-run --quiet --unit ${unit} ` : ""}/opt/rehearsal/bin/node --eval "$(echo ${Buffer.from(script).toString("base64")} | base64 -d)"`,
	);

/** The ports of a machine that answer another one, and `overlay` when the answer to a datagram comes. */
async function answering(from: typeof server, to: string): Promise<(number | "overlay")[]> {
	const script = `
		const tcp = (port) => new Promise((done) => {
			const socket = require("net").connect({ host: "${to}", port });
			const end = (answer) => { socket.destroy(); done(answer); };
			socket.on("connect", () => end([port])).on("error", () => end([])); setTimeout(() => end([]), 2000);
		});
		const udp = new Promise((done) => {
			const socket = require("dgram").createSocket("udp4");
			const end = (answer) => { socket.close(); done(answer); };
			const late = setTimeout(() => end([]), 2000);
			socket.on("message", () => { clearTimeout(late); end(["overlay"]); }).send("x", ${overlay}, "${to}");
		});
		Promise.all([...${JSON.stringify(ports)}.map(tcp), udp]).then((all) => console.log(JSON.stringify(all.flat())));`;
	return JSON.parse(await node(from, script)) as (number | "overlay")[];
}

/** Holds a connection to the kubelet's port of the server open, and counts what comes back in /tmp/echoes. */
const holdConnection = `
	let echoes = 0;
	const socket = require("net").connect(10250, "10.25.20.4");
	socket.on("data", () => require("fs").writeFileSync("/tmp/echoes", String(++echoes)));
	setInterval(() => socket.write("x"), 100);`;
const echoes = async (spec: typeof server) => Number(await room.ssh(spec, "cat /tmp/echoes"));

const filterOf = (name: string) => {
	const { sets, rules } = firewallRules(stack, name);
	return packetFilter(
		{
			options: { enable: "1", policy_in: "DROP" },
			sets: Object.fromEntries(sets.map((set) => [set.name, set.addresses])),
			rules: rules.map((rule) => ({ type: "in", action: "ACCEPT", enable: "1", ...rule })),
		},
		"eth0",
	);
};

beforeAll(async () => {
	room = await MachineRoom.open(describeRun(`packet-filter-${process.pid}`));
	await Promise.all([server, worker, stranger].map((spec) => room.start(spec)));
	const listen = `
		const echo = (socket) => socket.on("error", () => {}).pipe(socket);
		for (const port of ${JSON.stringify(ports.filter((port) => port !== 22))}) require("net").createServer(echo).listen(port);
		const socket = require("dgram").createSocket("udp4");
		socket.on("message", (_, { port, address }) => socket.send("y", port, address)).bind(${overlay});`;
	await Promise.all([server, worker].map((spec) => node(spec, listen, "listener")));
	await Promise.all([worker, stranger].map((spec) => node(spec, holdConnection, "holder")));
	await eventually(async () => {
		expect(await echoes(worker)).toBeGreaterThan(3);
		expect(await echoes(stranger)).toBeGreaterThan(3);
	});
});

afterAll(async () => {
	await room.close();
});

test("every port answers every machine before the filter is on", async () => {
	expect(await answering(stranger, "10.25.20.4")).toEqual([...ports, "overlay"]);
});

describe("when the filter is on", () => {
	beforeAll(async () => {
		await room.hypervisor.filterPackets(server.vmId, filterOf(server.name));
		await room.hypervisor.filterPackets(worker.vmId, filterOf(worker.name));
	});

	test("a server answers a worker at the API, registration, kubelet and overlay, and not at etcd and SSH", async () => {
		expect(await answering(worker, "10.25.20.4")).toEqual([6443, 9345, 10250, "overlay"]);
	});

	test("a worker answers a server at the ingress, kubelet and overlay", async () => {
		expect(await answering(server, "10.25.20.7")).toEqual([80, 10250, "overlay"]);
	});

	test("a machine outside the cluster reaches no port of a server, and the ingress of a worker as a client", async () => {
		expect(await answering(stranger, "10.25.20.4")).toEqual([]);
		expect(await answering(stranger, "10.25.20.7")).toEqual([80]);
	});

	test("a node reaches machines outside, and gets their answers", async () => {
		expect(await answering(server, "10.25.20.99")).toEqual([22]);
	});

	test("an open connection that a rule allows goes on, and another one ends", async () => {
		const before = [await echoes(worker), await echoes(stranger)] as const;
		await eventually(async () => expect(await echoes(worker)).toBeGreaterThan(before[0] + 5));
		expect(await echoes(stranger)).toBe(before[1]);
	});
});

test("every port answers again when the filter is off", async () => {
	const off = packetFilter({ options: { enable: "0" }, sets: {}, rules: [] }, "eth0");
	await room.hypervisor.filterPackets(server.vmId, off);
	expect(await answering(stranger, "10.25.20.4")).toEqual([...ports, "overlay"]);
});
