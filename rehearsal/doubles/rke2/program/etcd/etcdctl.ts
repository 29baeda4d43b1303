import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Paths } from "../paths.ts";

const run = promisify(execFile);

/**
 * Runs etcdctl against a member, with RKE2's etcd client certificate, and returns its output.
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
		// The last line is the error message; the lines before it are the log of the client library.
		const { stderr } = error as { stderr?: string };
		throw new Error(stderr?.trimEnd().split("\n").at(-1) || `etcdctl ${args.join(" ")} failed`);
	}
}
