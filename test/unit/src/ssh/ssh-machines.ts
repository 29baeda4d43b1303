/** SSH servers in the test's process: nodes, and a bastion that forwards connections to them. */
import { type AddressInfo, connect } from "node:net";
import ssh2, { type AuthContext } from "ssh2";
import { onTestFinished } from "vitest";

export interface SshMachine {
	port: number;
	/** In OpenSSH form, without a comment. */
	hostKey: string;
	commands: string[];
	/** Where connections were forwarded to, as `host:port`. */
	forwards: string[];
}

export interface Keys {
	public: string;
	private: string;
}

/** ssh2 makes a malformed pair now and then (ssh2#1390). */
export function newKeys(): Keys {
	for (;;) {
		const keys = ssh2.utils.generateKeyPairSync("ed25519");
		if (!(ssh2.utils.parseKey(keys.private) instanceof Error || ssh2.utils.parseKey(keys.public) instanceof Error)) {
			return keys;
		}
	}
}

interface MachineArgs {
	/** Public key of the only login. */
	accepts: string;
	/** What every command prints. */
	answer?: string;
	/** Ports on this machine by the address that a client of the bastion names. */
	network?: Readonly<Record<string, number>>;
}

export async function startMachine({ accepts, answer = "", network = {} }: MachineArgs): Promise<SshMachine> {
	const host = newKeys();
	const machine: SshMachine = { port: 0, hostKey: withoutComment(host.public), commands: [], forwards: [] };
	const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
		client.on("error", () => undefined);
		client.on("authentication", (context) => {
			if (isLogin(context, accepts)) {
				context.accept();
			} else {
				context.reject(["publickey"]);
			}
		});
		client.on("session", (accept) => {
			accept().on("exec", (acceptExec, _, { command }) => {
				machine.commands.push(command);
				const channel = acceptExec();
				channel.write(answer);
				channel.exit(0);
				channel.end();
			});
		});
		client.on("tcpip", (accept, reject, { destIP, destPort }) => {
			machine.forwards.push(`${destIP}:${destPort}`);
			const port = network[`${destIP}:${destPort}`];
			if (port === undefined) {
				reject();
				return;
			}
			const socket = connect(port, "127.0.0.1");
			socket.on("error", () => undefined);
			const channel = accept();
			channel.pipe(socket).pipe(channel);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.close();
	});
	machine.port = (server.address() as AddressInfo).port;
	return machine;
}

function isLogin(context: AuthContext, accepts: string): boolean {
	if (context.method !== "publickey") {
		return false;
	}
	const key = `${context.key.algo} ${context.key.data.toString("base64")}`;
	return key === withoutComment(accepts);
}

function withoutComment(publicKey: string): string {
	return publicKey.trim().split(" ").slice(0, 2).join(" ");
}
