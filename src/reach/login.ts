import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Login } from "./ssh-connection.ts";

/** Seconds that a login may take. */
const timeout = 20;

/**
 * Logs in like a command of the program, and becomes root, without a change on the node.
 *
 * @returns nothing after a login, otherwise the reason from the last line of OpenSSH
 */
export function tryLogin(connection: Connection): Promise<string | undefined> {
	return withKeyFile(connection, (directory) => runOverSsh(connection, directory, "sudo -n true"));
}

/**
 * Adds the public key of another connection to those that the node accepts for the user, or removes it.
 *
 * @returns nothing after the change, otherwise the reason from the last line of OpenSSH
 */
export function changeAuthorizedKey(
	connection: Connection,
	change: "add" | "remove",
	key: Pick<Connection, "privateKey">,
): Promise<string | undefined> {
	const script = readFileSync(new URL("authorized-key.sh", import.meta.url), "utf8");
	return withKeyFile(connection, async (directory) => {
		const input = `${script}${await publicKeyOf(key)}\n`;
		return runOverSsh(connection, directory, `bash -s -- ${change}`, input);
	});
}

/** Name of the file with an SSH key, in a directory of its own. */
const identity = "identity";

/** Runs the function while the SSH key is in a file that only the user can read. */
async function withKeyFile<Result>(
	{ privateKey }: Pick<Connection, "privateKey">,
	run: (directory: string) => Promise<Result>,
): Promise<Result> {
	const directory = await mkdtemp(join(tmpdir(), "reach-"));
	try {
		await writeFile(join(directory, identity), privateKey, { mode: 0o600 });
		return await run(directory);
	} finally {
		await rm(directory, { recursive: true });
	}
}

/** The public key, without a comment. */
function publicKeyOf(key: Pick<Connection, "privateKey">): Promise<string> {
	return withKeyFile(
		key,
		(directory) =>
			new Promise((resolve, reject) => {
				execFile("ssh-keygen", ["-y", "-f", identity], { cwd: directory }, (error, stdout) => {
					if (error) {
						reject(error);
					} else {
						resolve(stdout.trim().split(" ").slice(0, 2).join(" "));
					}
				});
			}),
	);
}

/**
 * OpenSSH runs in the directory of its files and gets relative paths: it takes blanks, `%`, `$` and quotes in a path for more than
 * a name.
 *
 * @returns nothing after success, otherwise the last line of OpenSSH that names a reason
 */
async function runOverSsh(
	{ proxy, ...node }: Connection,
	directory: string,
	command: string,
	input = "",
): Promise<string | undefined> {
	const optionArgs = Object.entries({
		...(await optionsFor(node, directory, "known-hosts")),
		IdentityFile: identity,
		...(proxy && { ProxyCommand: await wayThrough(proxy, directory) }),
	}).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
	return new Promise((resolve) => {
		const login = ["-F", "/dev/null", ...optionArgs, `${node.user}@${node.host}`, command];
		const ssh = execFile("ssh", login, { cwd: directory, timeout: 2 * timeout * 1000 }, (error, _, stderr) => {
			const lines = stderr.trim().split(/\r?\n/);
			const reasons = lines.filter((line) => !endOfTunnel.test(line));
			resolve(error ? (reasons.at(-1) ?? lines.at(-1)) || error.message.split("\n", 1)[0] : undefined);
		});
		// The connection may be refused before it is read.
		ssh.stdin?.on("error", () => undefined);
		ssh.stdin?.end(input);
	});
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
		ConnectTimeout: `${timeout}`,
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
