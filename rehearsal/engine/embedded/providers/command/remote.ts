/** command:remote:Command over real SSH, with the semantics of pulumi-command 1.2.1. */
import { setTimeout as sleep } from "node:timers/promises";
import ssh2, { type Client } from "ssh2";
import { z } from "zod";
import { commandInputs, commandType } from "./command-type.ts";
import type { OutputCollector } from "./output.ts";

const connection = z.strictObject({
	host: z.string(),
	port: z.number().default(22),
	user: z.string().default("root"),
	privateKey: z.string(),
	/** Required here, though the plugin connects to anybody without it. RSA keys fail against a modern sshd. */
	hostKey: z
		.string({ error: "is missing: an unpinned host is refused" })
		.regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/, {
			error: "must be an ed25519 or ecdsa key in OpenSSH form",
		}),
	/** -1 is without limit. */
	dialErrorLimit: z.number().default(10),
	/** Seconds; 0 is without limit. */
	perDialTimeout: z.number().default(15),
});

/** Nothing goes by environment: it reaches only a server that accepts each name by AcceptEnv, while stdin always arrives. */
const inputs = z.strictObject({
	...commandInputs,
	connection,
	addPreviousOutputInEnv: z.literal(false, { error: "must be false: the embedded host sends no environment" }),
});

type Connection = z.output<typeof connection>;

/** Pauses between dials: the plugin's retry helper starts at 100 ms and grows by half, up to 5 s. */
const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 5000;

export const remoteCommand = commandType(inputs, async (command, { inputs, log }, collector) => {
	const client = await dial(inputs.connection, (message) => log("info", message));
	try {
		return await execute(client, command, inputs.stdin ?? "", collector);
	} finally {
		client.end();
	}
});

/** Resolves to nothing, or to how the command ended when it failed. */
function execute(client: Client, command: string, stdin: string, collector: OutputCollector): Promise<string> {
	return new Promise((resolve, reject) => {
		client.exec(command, (error, channel) => {
			if (error) {
				return reject(error);
			}
			// At once: a short command's end may already be in the packet that brought us here.
			let status = "the connection ended before the command did";
			channel.on("exit", (code: number | null, signal?: string) => {
				if (code === 0) {
					status = "";
				} else {
					status = code === null ? `Process exited with signal ${signal}` : `Process exited with status ${code}`;
				}
			});
			channel.on("close", () => resolve(status));
			collector.attach("stdout", channel);
			collector.attach("stderr", channel.stderr);
			channel.end(stdin);
		});
	});
}

async function dial(connection: Connection, report: (message: string) => void): Promise<Client> {
	let pause = FIRST_PAUSE_MS;
	for (let failures = 1; ; failures += 1) {
		try {
			return await connect(connection);
		} catch (error) {
			const limit = connection.dialErrorLimit;
			if (limit !== -1 && failures > limit) {
				throw new Error(
					`SSH to ${connection.user}@${connection.host}:${connection.port}: after ${limit} failed attempts: ${(error as Error).message}`,
				);
			}
			report(`Dial ${failures}/${limit === -1 ? "inf" : limit} failed: retrying`);
			await sleep(pause);
			pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
		}
	}
}

function connect({ host, port, user, privateKey, hostKey, perDialTimeout }: Connection): Promise<Client> {
	const [algorithm, encoded] = hostKey.split(" ") as ["ssh-ed25519", string];
	const expected = Buffer.from(encoded, "base64");
	return new Promise((resolve, reject) => {
		const client = new ssh2.Client();
		let verified = true;
		client.on("ready", () => resolve(client));
		client.on("error", (error) => reject(verified ? error : new Error("ssh: host key mismatch")));
		client.connect({
			host,
			port,
			username: user,
			privateKey,
			readyTimeout: perDialTimeout * 1000,
			algorithms: { serverHostKey: [algorithm] },
			hostVerifier: (key: Buffer) => {
				verified = key.equals(expected);
				return verified;
			},
		});
	});
}
