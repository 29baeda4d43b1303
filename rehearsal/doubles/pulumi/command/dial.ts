/** Connects and logs in by SSH, with repeated attempts: pulumi-command, provider/pkg/provider/remote/connection.go. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getSystemErrorMessage } from "node:util";
import ssh2, { type Client } from "ssh2";
import type { Connection } from "./connection.ts";

/** Pauses between dials: pulumi/pulumi sdk, `util/retry`. */
const firstPauseMs = 100;
const pauseGrowth = 1.5;
const longestPauseMs = 5000;

/** Resolves to a client that is logged in. It reports each failure, and rejects with the last one. */
export async function dial(
	connection: Connection,
	signal: AbortSignal,
	report: (line: string) => void,
): Promise<Client> {
	const unreadable = ssh2.utils.parseKey(connection.privateKey);
	if (unreadable instanceof Error) {
		throw unreadable;
	}
	const limit = connection.dialErrorLimit;
	let pause = firstPauseMs;
	for (let failures = 1; ; failures += 1) {
		try {
			return await logIn(await connectTo(connection), connection);
		} catch (error) {
			if (limit !== -1 && failures > limit) {
				throw new Error(`after ${limit} failed attempts: ${(error as Error).message}`);
			}
			report(`Dial ${failures}/${limit === -1 ? "inf" : limit} failed: retrying`);
			await sleep(pause, undefined, { signal }).catch(() => {
				throw new Error("context canceled");
			});
			pause = Math.min(pause * pauseGrowth, longestPauseMs);
		}
	}
}

/** The timeout ends with the TCP connection. The real plugin's SSH library then waits without limit. */
async function connectTo({ host, port, perDialTimeout }: Connection): Promise<Socket> {
	const socket = connect({ host, port });
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

function logIn(socket: Socket, { user, hostKey, privateKey }: Connection): Promise<Client> {
	const [algorithm, encoded] = hostKey.split(" ") as ["ssh-ed25519", string];
	const expected = Buffer.from(encoded, "base64");
	return new Promise((resolve, reject) => {
		const client = new ssh2.Client();
		let reason: string | undefined;
		client.on("ready", () => resolve(client));
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
