/** What this workstation sees of its network. */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { interceptors, request } from "undici";
import { contains } from "../config/formats/addresses.ts";
import { connections } from "../workstation/connections.ts";
import type { Environment } from "../workstation/proxy.ts";
import { type Neighbour, neighbourIn } from "./neighbours.ts";

export interface Surroundings {
	/** IPv4 addresses of a name; none when it cannot be resolved. */
	resolve(name: string): Promise<string[]>;
	/** Whether this machine would send a packet for the address anywhere. */
	hasRoute(address: string): Promise<boolean>;
	/** Whether this machine has an interface in the network, so that ARP shows who has an address there. */
	isIn(cidr: string): boolean;
	/** The machine that has an address, when one answers. */
	machineAt(address: string): Promise<Neighbour | undefined>;
	/** The text at a URL, or the reason why there is none. */
	fetch(url: string): Promise<{ text: string } | { failure: string }>;
}

/** Ports that a node, a gateway or a server often has. A refusal of the connection is an answer as well. */
const ports = [22, 6443, 443, 80];
const probeMs = 1_500;
const fetchMs = 15_000;
/** Some servers refuse a client without a name. */
const headers = { "user-agent": "rke2-proxmox-lab" };

/** @param environment with HTTPS_PROXY, HTTP_PROXY and NO_PROXY */
export function theseSurroundings(environment: Environment = process.env): Surroundings {
	const dispatcher = connections({}, environment).compose(interceptors.redirect({ maxRedirections: 5 }));
	return {
		async resolve(name) {
			try {
				return (await lookup(name, { all: true, family: 4 })).map(({ address }) => address);
			} catch {
				return [];
			}
		},
		hasRoute: (address) =>
			new Promise((resolve) => {
				const socket = createSocket("udp4");
				const end = (found: boolean) => {
					socket.close();
					resolve(found);
				};
				// Connecting sends nothing: the kernel only looks for a route.
				socket.once("error", () => end(false));
				socket.once("connect", () => end(true));
				socket.connect(9, address);
			}),
		isIn: (cidr) =>
			Object.values(networkInterfaces())
				.flat()
				.some((each) => each?.family === "IPv4" && contains(cidr, each.address)),
		async machineAt(address) {
			const answers = await Promise.all(ports.map((port) => answersAt(address, port)));
			return (await arpEntry(address)) ?? (answers.includes(true) ? { by: "TCP" } : undefined);
		},
		async fetch(url) {
			try {
				const { statusCode, body } = await request(url, { dispatcher, headers, signal: AbortSignal.timeout(fetchMs) });
				const text = await body.text();
				return statusCode === 200 ? { text } : { failure: `HTTP ${statusCode}` };
			} catch (error) {
				return { failure: (error as Error).message };
			}
		},
	};
}

function answersAt(host: string, port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host, port, timeout: probeMs });
		const end = (answers: boolean) => {
			socket.destroy();
			resolve(answers);
		};
		socket.once("connect", () => end(true));
		socket.once("timeout", () => end(false));
		socket.once("error", ({ code }: NodeJS.ErrnoException) => end(code === "ECONNREFUSED"));
	});
}

/** Linux has its table of neighbours in a file. */
async function arpEntry(address: string): Promise<Neighbour | undefined> {
	try {
		return neighbourIn(await readFile("/proc/net/arp", "utf8"), address);
	} catch {
		return undefined;
	}
}
