/** A real SSH server in the test's process. Its commands run on this machine. */
import { spawn } from "node:child_process";
import { type AddressInfo, connect } from "node:net";
import ssh2, { type AuthContext, type Connection } from "ssh2";
import { onTestFinished } from "vitest";
import { newEd25519KeyPair } from "../../../../../rehearsal/doubles/pulumi/tls/ed25519.ts";

export interface SshServer {
	port: number;
	hostKey: string;
	/** Public keys that logged in, in OpenSSH form. */
	logins: string[];
	commands: string[];
	/** Where connections were forwarded to, as `host:port`. */
	forwards: string[];
	/** Connections under way. */
	clients: Set<Connection>;
}

/** Each user with a correct signature may log in, except the user `nobody`. */
export async function startSshServer(): Promise<SshServer> {
	const host = newEd25519KeyPair();
	const state: SshServer = {
		port: 0,
		hostKey: host.public,
		logins: [],
		commands: [],
		forwards: [],
		clients: new Set(),
	};
	const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
		state.clients.add(client);
		client.on("close", () => state.clients.delete(client));
		client.on("error", () => {});
		client.on("authentication", (context) => {
			const login = verifiedKey(context);
			if (login === undefined || context.username === "nobody") {
				return context.reject(["publickey"]);
			}
			if (login) {
				state.logins.push(login);
			}
			context.accept();
		});
		client.on("tcpip", (accept, reject, { destIP, destPort }) => {
			state.forwards.push(`${destIP}:${destPort}`);
			const socket = connect(destPort, destIP);
			socket.on("error", () => reject());
			socket.on("connect", () => {
				const channel = accept();
				channel.pipe(socket).pipe(channel);
			});
		});
		client.on("session", (accept) => {
			accept().on("exec", (acceptExec, _, { command }) => {
				state.commands.push(command);
				const channel = acceptExec();
				const child = spawn("/bin/sh", ["-c", command]);
				channel.pipe(child.stdin);
				child.stdin.on("error", () => {});
				child.stdout.pipe(channel, { end: false });
				child.stderr.pipe(channel.stderr, { end: false });
				child.on("close", (code, signal) => {
					if (signal) {
						channel.exit(signal.replace("SIG", ""), false, "");
					} else {
						channel.exit(code ?? 1);
					}
					channel.end();
				});
			});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		for (const client of state.clients) {
			client.end();
		}
		server.close();
	});
	state.port = (server.address() as AddressInfo).port;
	return state;
}

/** The key of a signed login; empty for the question whether a key would do; `undefined` for anything else. */
function verifiedKey(context: AuthContext): string | undefined {
	if (context.method !== "publickey") {
		return undefined;
	}
	const key = ssh2.utils.parseKey(context.key.data);
	if (key instanceof Error) {
		return undefined;
	}
	if (!context.signature) {
		return "";
	}
	const genuine = key.verify(context.blob!, context.signature, context.hashAlgo);
	return genuine === true ? `${context.key.algo} ${context.key.data.toString("base64")}` : undefined;
}
