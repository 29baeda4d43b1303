/** Commands on a node over OpenSSH, for the npm commands. The program itself uses Pulumi's plugin. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Login } from "./connection.ts";

/** Seconds that a login may take. */
const loginTimeout = 20;

export type SshResult = { output: string } | { failure: string };

/** Name of the file with an SSH key, in a directory of its own. */
export const identity = "identity";

/** Runs the function while the SSH key is in a file that only the user can read. */
export async function withKeyFile<Result>(
	{ privateKey }: Pick<Connection, "privateKey">,
	run: (directory: string) => Promise<Result>,
): Promise<Result> {
	const directory = await mkdtemp(join(tmpdir(), "rke2-lab-ssh-"));
	try {
		await writeFile(join(directory, identity), privateKey, { mode: 0o600 });
		return await run(directory);
	} finally {
		await rm(directory, { recursive: true });
	}
}

/**
 * OpenSSH runs in the directory of its files and gets relative paths: it takes blanks, `%`, `$` and quotes in a path for more than
 * a name.
 *
 * @param input for the standard input of the command
 * @param timeoutSeconds after which OpenSSH is stopped
 * @returns the standard output, or the last line of OpenSSH that names a reason for the failure
 */
export function runOverSsh(
	connection: Connection,
	command: string,
	{ input = "", timeoutSeconds }: { input?: string | undefined; timeoutSeconds: number },
): Promise<SshResult> {
	return withKeyFile(connection, async (directory) => {
		const login = await loginFor(connection, directory);
		return new Promise((resolve) => {
			const settings = { cwd: directory, timeout: timeoutSeconds * 1000, maxBuffer: 2 ** 24 };
			const ssh = execFile("ssh", [...login, command], settings, (error, output, stderr) => {
				const lines = stderr.trim().split(/\r?\n/);
				const reasons = lines.filter((line) => !endOfTunnel.test(line));
				const failure = () => (reasons.at(-1) ?? lines.at(-1)) || error!.message.split("\n", 1)[0]!;
				resolve(error ? { failure: failure() } : { output });
			});
			// The connection may be refused before it is read.
			ssh.stdin?.on("error", () => undefined);
			ssh.stdin?.end(input);
		});
	});
}

async function loginFor({ proxy, ...node }: Connection, directory: string): Promise<string[]> {
	const optionArgs = Object.entries({
		...(await optionsFor(node, directory, "known-hosts")),
		IdentityFile: identity,
		...(proxy && { ProxyCommand: await wayThrough(proxy, directory) }),
	}).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
	return ["-F", "/dev/null", ...optionArgs, `${node.user}@${node.host}`];
}

/** What OpenSSH says after the reason when a bastion ends the tunnel. */
const endOfTunnel = /UNKNOWN port 65535|^kex_exchange_identification: |^stdio forwarding failed/;

/** A command for OpenSSH that forwards to a host. The files of the bastion are beside those of the node. */
async function wayThrough(bastion: Login, directory: string): Promise<string> {
	const files = { config: "bastion", identity: "bastion-identity", knownHosts: "bastion-known-hosts" };
	await writeFile(join(directory, files.identity), bastion.privateKey, { mode: 0o600 });
	const options = { ...(await optionsFor(bastion, directory, files.knownHosts)), IdentityFile: files.identity };
	const lines = Object.entries({ HostName: bastion.host, User: bastion.user, ...options });
	const config = `Host bastion\n${lines.map(([name, value]) => `${name} ${value}\n`).join("")}`;
	await writeFile(join(directory, files.config), config);
	return `ssh -F ${files.config} -W '[%h]:%p' bastion`;
}

async function optionsFor({ host, port, hostKey }: Login, directory: string, knownHosts: string) {
	await writeFile(join(directory, knownHosts), `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`);
	return {
		BatchMode: "yes",
		ConnectTimeout: `${loginTimeout}`,
		GlobalKnownHostsFile: "/dev/null",
		HostKeyAlgorithms: hostKey.split(" ", 1)[0]!,
		IdentitiesOnly: "yes",
		IdentityAgent: "none",
		LogLevel: "ERROR",
		Port: `${port}`,
		StrictHostKeyChecking: "yes",
		UserKnownHostsFile: knownHosts,
	};
}
