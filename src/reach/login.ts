import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "./ssh-connection.ts";

/** Seconds that a login may take. */
const timeout = 20;

/**
 * Logs in like a command of the program, and becomes root, without a change on the node.
 *
 * @returns nothing after a login, otherwise the reason from the last line of OpenSSH
 */
export async function tryLogin({ host, port, user, privateKey, hostKey }: Connection): Promise<string | undefined> {
	const directory = await mkdtemp(join(tmpdir(), "reach-"));
	const [identity, knownHosts] = [join(directory, "identity"), join(directory, "known-hosts")];
	const options = {
		BatchMode: "yes",
		ConnectTimeout: `${timeout}`,
		GlobalKnownHostsFile: "/dev/null",
		HostKeyAlgorithms: hostKey.split(" ", 1)[0],
		IdentitiesOnly: "yes",
		IdentityAgent: "none",
		IdentityFile: identity,
		LogLevel: "ERROR",
		Port: `${port}`,
		StrictHostKeyChecking: "yes",
		UserKnownHostsFile: knownHosts,
	};
	try {
		await writeFile(identity, privateKey, { mode: 0o600 });
		await writeFile(knownHosts, `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`);
		const optionArgs = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
		return await new Promise((resolve) => {
			const login = ["-F", "/dev/null", ...optionArgs, `${user}@${host}`, "sudo", "-n", "true"];
			execFile("ssh", login, { timeout: 2 * timeout * 1000 }, (error, _, stderr) => {
				resolve(error ? stderr.trim().split("\n").at(-1) || error.message.split("\n", 1)[0] : undefined);
			});
		});
	} finally {
		await rm(directory, { recursive: true });
	}
}
