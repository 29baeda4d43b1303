/** Connects and logs in by SSH, with repeated attempts: pulumi-command, provider/pkg/provider/remote/connection.go. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { getSystemErrorMessage } from "node:util";
import ssh2, { type Client } from "ssh2";
import type { Connection, Login } from "./connection.ts";

/** Pauses between dials: pulumi/pulumi sdk, `util/retry`. */
const firstPauseMs = 100;
const pauseGrowth = 1.5;
const longestPauseMs = 5000;

type Report = (line: string) => void;

/** Resolves to a client that is logged in. It reports each failure, and rejects with the last one. */
export async function dial({ proxy, ...node }: Connection, signal: AbortSignal, report: Report): Promise<Client> {
	const tries = { limit: node.dialErrorLimit, signal, report };
	requireReadable(node);
	if (!proxy) {
		return retried("Dial", tries, async () => logIn(await connectTo(node), node));
	}
	try {
		requireReadable(proxy);
		const bastion = await retried("Dial proxy", { ...tries, limit: proxy.dialErrorLimit }, async () =>
			logIn(await connectTo(proxy), proxy),
		);
		const channel = await retried("Dial from proxy", tries, () => forwarded(bastion, node));
		// The plugin logs in again over the same channel, which has ended with the first failure.
		let isOpen = true;
		const client = await retried("Dial", tries, () => {
			if (!isOpen) {
				throw new Error("ssh: handshake failed: EOF");
			}
			isOpen = false;
			return logIn(channel, node);
		});
		client.on("close", () => bastion.end());
		return client;
	} catch (error) {
		throw new Error(`proxy: ${(error as Error).message}`);
	}
}

function requireReadable({ privateKey }: Login): void {
	const unreadable = ssh2.utils.parseKey(privateKey);
	if (unreadable instanceof Error) {
		throw unreadable;
	}
}

interface Tries {
	limit: number;
	signal: AbortSignal;
	report: Report;
}

async function retried<Result>(
	what: string,
	{ limit, signal, report }: Tries,
	attempt: () => Promise<Result> | Result,
): Promise<Result> {
	let pause = firstPauseMs;
	for (let failures = 1; ; failures += 1) {
		try {
			return await attempt();
		} catch (error) {
			if (limit !== -1 && failures > limit) {
				throw new Error(`after ${limit} failed attempts: ${(error as Error).message}`);
			}
			report(`${what} ${failures}/${limit === -1 ? "inf" : limit} failed: retrying`);
			await sleep(pause, undefined, { signal }).catch(() => {
				throw new Error("context canceled");
			});
			pause = Math.min(pause * pauseGrowth, longestPauseMs);
		}
	}
}

function forwarded(bastion: Client, { host, port }: Login): Promise<Duplex> {
	return new Promise((resolve, reject) => {
		bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
			if (error) {
				reject(new Error(`ssh: rejected: connect failed (${error.message})`));
			} else {
				resolve(channel);
			}
		});
	});
}

/** The timeout ends with the TCP connection. The real plugin's SSH library then waits without limit. */
async function connectTo({ host, port, perDialTimeout }: Login): Promise<Socket> {
	// Go's default for a dialed connection (net.Dialer, KeepAlive), so that a machine which starts again ends the command that ran on it.
	const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: 15_000 });
	const timer = perDialTimeout > 0 ? setTimeout(() => socket.destroy(timedOut), perDialTimeout * 1000) : undefined;
	try {
		await once(socket, "connect");
		return socket;
	} catch (error) {
		throw new Error(`dial tcp ${host}:${port}: ${reasonOf(error as NodeJS.ErrnoException)}`);
	} finally {
		clearTimeout(timer);
	}
}

const timedOut = new Error("i/o timeout");

/** A reason in Go's words, such as `connect: connection refused`. */
function reasonOf({ errno, syscall, message }: NodeJS.ErrnoException): string {
	return errno === undefined ? message : `${syscall}: ${getSystemErrorMessage(errno)}`;
}

function logIn(socket: Duplex, { user, hostKey, privateKey }: Login): Promise<Client> {
	const [algorithm, encoded] = hostKey.split(" ") as ["ssh-ed25519", string];
	const expected = Buffer.from(encoded, "base64");
	return new Promise((resolve, reject) => {
		const client = new ssh2.Client();
		let reason: string | undefined;
		client.on("ready", () => resolve(client));
		client.on("close", () => reject(new Error("ssh: handshake failed: EOF")));
		client.on("error", (error) => {
			socket.destroy();
			if (error.level === "client-authentication") {
				reason = "ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain";
			}
			reject(new Error(`ssh: handshake failed: ${reason ?? error.message}`));
		});
		client.connect({
			sock: socket,
			username: user,
			privateKey,
			readyTimeout: 0,
			algorithms: { serverHostKey: [algorithm] },
			hostVerifier: (presented: Buffer) => {
				const verified = presented.equals(expected);
				reason = verified ? undefined : "ssh: host key mismatch";
				return verified;
			},
		});
	});
}
