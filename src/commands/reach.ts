/**
 * `npm run reach -- [--json FILE] [STACK]`: records the connections to the nodes as the stack file has them now, with other host keys,
 * another address, user, SSH key or bastion. It changes the state of Pulumi. On a node it logs in and becomes root, and replaces the program's
 * SSH key if only that differs.
 */

import { parseArgs } from "node:util";
import { sshHost } from "../config/derived/endpoints.ts";
import { fromConfigText } from "../config/read/config-keys.ts";
import { parseStack } from "../config/read/parse.ts";
import { ConfigurationError } from "../config/read/problems.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import { hostKeyName } from "../facts/resource-names.ts";
import { type Difference, differences, partNames, record } from "../reach/differences.ts";
import { changeAuthorizedKey, tryLogin } from "../reach/login.ts";
import { bastionKeyFrom, type Connection, sshConnection } from "../ssh/connection.ts";
import { type Exported, outputOf } from "../state/exported.ts";
import { pulumi } from "../state/pulumi.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "./command.ts";
import { projectName } from "./stack-from-file.ts";

/** Type and name of the resource of the program's own key in src/index.ts. */
const sshKey = ["tls:index/privateKey:PrivateKey", "ssh"] as const;

await runCommand("reach", async () => {
	const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
	const [name = "lab", ...others] = positionals;
	if (others.length > 0) {
		throw new UsageError(`One stack at a time, found ${[name, ...others].join(", ")}`);
	}
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	progress(`Reading the configuration and the state of ${name} ...`);
	const stack = await readStack(name);
	const exported: Exported = JSON.parse(await pulumi(["stack", "export", "--show-secrets", "--stack", name]));
	const bastionKey = stack.ssh.bastion && (await pulumi(["config", "get", "bastionKey", "--stack", name]));
	const found = differences(exported, wantedConnections(stack, exported, bastionKey));
	if (found.length === 0) {
		say("Every command has the connection of the stack file.");
		writeResult({ ok: true, recorded: [], refusals: [] });
		return true;
	}
	progress(`Logging in on ${found.length} nodes ...`);
	const refusals = (await Promise.all(found.map(admit))).filter((refusal) => refusal !== undefined);
	if (refusals.length > 0) {
		const publicKey = outputOf(exported, ...sshKey, "publicKeyOpenssh");
		console.error([...refusals, `The program logs in with: ${publicKey?.trim()}`, "Nothing was recorded."].join("\n"));
		writeResult({ ok: false, recorded: [], refusals });
		return false;
	}
	// Each node accepts the new key by now, so no node can be locked out. Recorded afterwards: a command that is killed in between
	// finds the difference again.
	const left = (await Promise.all(found.filter(onlyKeyDiffers).map(withdrawOldKey))).filter(
		(line) => line !== undefined,
	);
	progress("Writing the state ...");
	record(found);
	await pulumi(["stack", "import", "--stack", name], JSON.stringify(exported));
	for (const { node, what, count } of found) {
		say(`${node}: another ${what.join(" and ") || "connection setting"} is recorded for ${count} commands.`);
	}
	for (const line of left) {
		console.error(line);
	}
	const recorded = found.map(({ node, what, count }) => ({ node, what, count }));
	writeResult({ ok: left.length === 0, recorded, refusals: left });
	return left.length === 0;
});

/** The plain values of the stack, from Pulumi. */
async function readStack(name: string): Promise<StackConfig> {
	const values: Record<string, { value?: string; secret: boolean }> = JSON.parse(
		await pulumi(["config", "--json", "--stack", name]),
	);
	const prefix = `${projectName()}:`;
	const plain = Object.entries(values).filter(([key, { secret }]) => key.startsWith(prefix) && !secret);
	const { value, problems } = parseStack(
		Object.fromEntries(plain.map(([key, { value = "" }]) => [key.slice(prefix.length), fromConfigText(value)])),
	);
	if (!value) {
		throw new ConfigurationError(problems);
	}
	return value;
}

/** The connections of components/cluster/node.ts, without nodes that the program has not met yet. */
function wantedConnections(
	stack: StackConfig,
	exported: Exported,
	bastionKey: string | undefined,
): Map<string, Connection> {
	const { nodes, ssh } = stack;
	const privateKey = outputOf(exported, ...sshKey, "privateKeyOpenssh");
	const bastion = ssh.bastion && bastionKey ? { ...ssh.bastion, privateKey: bastionKeyFrom(bastionKey) } : undefined;
	return new Map(
		Object.keys(nodes).flatMap((node): [string, Connection][] => {
			const hostKey = ssh.hostKeys[node] ?? outputOf(exported, "command:local:Command", hostKeyName(node), "stdout");
			return privateKey === undefined || hostKey === undefined
				? []
				: [[node, sshConnection({ host: sshHost(stack, node), user: ssh.user, privateKey, hostKey }, bastion)]];
		}),
	);
}

function onlyKeyDiffers({ what }: Difference): boolean {
	return what.length === 1 && what[0] === partNames.privateKey;
}

/** Logs in as wanted. A node that only lacks the new SSH key gets it by the old one, which it still accepts. */
async function admit(difference: Difference): Promise<string | undefined> {
	const refusal = await refusalOf(difference);
	if (refusal === undefined || !onlyKeyDiffers(difference)) {
		return refusal;
	}
	const { recorded, wanted } = difference;
	return (await changeAuthorizedKey(recorded, "add", wanted)) === undefined ? refusalOf(difference) : refusal;
}

/** @returns nothing when the node refuses the old SSH key from now on, otherwise a sentence */
async function withdrawOldKey({ node, recorded, wanted }: Difference): Promise<string | undefined> {
	const failure = await changeAuthorizedKey(wanted, "remove", recorded);
	return (
		failure && `${node}: the old SSH key is still in ~${wanted.user}/.ssh/authorized_keys: ${failure}; remove it there.`
	);
}

async function refusalOf({ node, wanted }: Difference): Promise<string | undefined> {
	const refusal = await tryLogin(wanted);
	const { host, port, user } = wanted;
	const address = port === 22 ? host : `${host}:${port}`;
	return refusal && `${node}: ${user} cannot log in at ${address} and become root: ${refusal.replace(/\.?$/, ".")}`;
}
