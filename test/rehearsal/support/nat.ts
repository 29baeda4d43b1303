/** NAT in the datacenter: each port of one address leads to port 22 of a node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Run } from "../../../rehearsal/run/run.ts";

export interface Nat {
	/** Addresses of nodes to which connections were forwarded. */
	forwards: Set<string>;
	stop(): Promise<void>;
}

/** @param nodes address of a node by port */
export async function startNat(run: Run, nodes: Readonly<Record<number, string>>): Promise<Nat> {
	const program = [process.execPath, fileURLToPath(import.meta.url), JSON.stringify(nodes)];
	const child = spawn("nsenter", [`--net=${run.network}`, "--", ...program], { stdio: ["ignore", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout });
	await once(lines, "line");
	const forwards = new Set<string>();
	lines.on("line", (line) => forwards.add(line));
	const ended = once(child, "close");
	return {
		forwards,
		async stop() {
			child.kill();
			await ended;
		},
	};
}

/** Prints one line when it listens, then each address to which it forwards a connection. */
async function serve(nodes: Readonly<Record<number, string>>): Promise<void> {
	for (const [port, address] of Object.entries(nodes)) {
		const server = createServer((client) => {
			console.log(address);
			const node = connect(22, address);
			for (const [one, other] of [
				[client, node],
				[node, client],
			] as const) {
				one.on("error", () => other.destroy());
				one.pipe(other);
			}
		});
		server.listen(Number(port));
		await once(server, "listening");
	}
	console.log("ready");
}

if (import.meta.main) {
	await serve(JSON.parse(process.argv[2]!));
}
