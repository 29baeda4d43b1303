import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Connection } from "../ssh/connection.ts";
import { identity, runOverSsh, withKeyFile } from "../ssh/run.ts";

/**
 * Logs in like a command of the program, and becomes root, without a change on the node.
 *
 * @returns nothing after a login, otherwise the reason from the last line of OpenSSH
 */
export function tryLogin(connection: Connection): Promise<string | undefined> {
	return failureOf(connection, "sudo -n true");
}

/**
 * Adds the public key of another connection to those that the node accepts for the user, or removes it.
 *
 * @returns nothing after the change, otherwise the reason from the last line of OpenSSH
 */
export async function changeAuthorizedKey(
	connection: Connection,
	change: "add" | "remove",
	key: Pick<Connection, "privateKey">,
): Promise<string | undefined> {
	const script = readFileSync(new URL("authorized-key.sh", import.meta.url), "utf8");
	return failureOf(connection, `bash -s -- ${change}`, `${script}${await publicKeyOf(key)}\n`);
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

async function failureOf(connection: Connection, command: string, input?: string): Promise<string | undefined> {
	const result = await runOverSsh(connection, command, { input, timeoutSeconds: 40 });
	return "failure" in result ? result.failure : undefined;
}
