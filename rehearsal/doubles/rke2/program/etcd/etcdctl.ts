import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Paths } from "../paths.ts";

const run = promisify(execFile);

/**
 * Asks a member by gRPC, with RKE2's etcd client certificate, and returns what etcdctl printed.
 * @param endpoint `https://<address>:2379`
 */
export async function etcdctl(paths: Paths, endpoint: string, ...args: string[]): Promise<string> {
	const tls = (file: string) => join(paths.etcdTls, file);
	const access = [
		`--endpoints=${endpoint}`,
		`--cacert=${tls("server-ca.crt")}`,
		`--cert=${tls("client.crt")}`,
		`--key=${tls("client.key")}`,
	];
	try {
		const { stdout } = await run(join(paths.binaries, "etcdctl"), [...access, ...args]);
		return stdout;
	} catch (error) {
		// Its last line is for people; those before it are the client library's log.
		const { stderr } = error as { stderr?: string };
		throw new Error(stderr?.trimEnd().split("\n").at(-1) || `etcdctl ${args.join(" ")} failed`);
	}
}
