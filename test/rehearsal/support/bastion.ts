/** A bastion in the datacenter: an SSH server that forwards connections and runs no command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import ssh2 from "ssh2";
import { newEd25519KeyPair } from "../../../rehearsal/doubles/pulumi/tls/ed25519.ts";
import type { Run } from "../../../rehearsal/run/run.ts";

export interface Bastion {
	hostKey: string;
	/** Addresses to which connections were forwarded, as `host:port`. */
	forwards: Set<string>;
	stop(): Promise<void>;
}

/** @param privateKey of the only login, in OpenSSH form */
export async function startBastion(run: Run, port: number, privateKey: string): Promise<Bastion> {
	const program = [process.execPath, fileURLToPath(import.meta.url), `${port}`, publicKeyOf(privateKey)];
	const child = spawn("nsenter", [`--net=${run.network}`, "--", ...program], { stdio: ["ignore", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout });
	const [hostKey] = (await once(lines, "line")) as [string];
	const forwards = new Set<string>();
	lines.on("line", (line) => forwards.add(line));
	const ended = once(child, "close");
	return {
		hostKey,
		forwards,
		async stop() {
			child.kill();
			await ended;
		},
	};
}

function publicKeyOf(privateKey: string): string {
	const key = ssh2.utils.parseKey(privateKey);
	if (key instanceof Error) {
		throw key;
	}
	return key.getPublicSSH().toString("base64");
}

/** Prints its host key, then each address to which it forwards a connection. */
function serve(port: number, accepted: string): void {
	const host = newEd25519KeyPair();
	const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
		client.on("error", () => undefined);
		client.on("authentication", (context) => {
			if (context.method === "publickey" && context.key.data.toString("base64") === accepted) {
				context.accept();
			} else {
				context.reject(["publickey"]);
			}
		});
		client.on("tcpip", (accept, reject, { destIP, destPort }) => {
			const socket = connect(destPort, destIP);
			socket.on("error", () => reject());
			socket.on("connect", () => {
				console.log(`${destIP}:${destPort}`);
				const channel = accept();
				channel.on("error", () => undefined);
				channel.pipe(socket).pipe(channel);
			});
		});
	});
	server.listen(port, () => console.log(host.public.trim().split(" ").slice(0, 2).join(" ")));
}

if (import.meta.main) {
	serve(Number(process.argv[2]), process.argv[3]!);
}
