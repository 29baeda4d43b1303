/** The connections to nodes in the state, and other ones that the stack file wants. */
import type { Connection, Login } from "../ssh/connection.ts";
import {
	asSecret,
	type Exported,
	type ExportedResource,
	isSecret,
	parentNode,
	remoteCommand,
	revealed,
	type Values,
} from "../state/exported.ts";

/** Names of the parts of a connection, for messages. */
export const partNames: Readonly<Partial<Record<keyof Connection, string>>> = {
	host: "address",
	port: "address",
	user: "user",
	privateKey: "SSH key",
	hostKey: "host key",
	proxy: "bastion",
};

/** A node whose recorded commands have a connection other than the wanted one. */
export interface Difference {
	node: string;
	/** Such as `host key`. */
	what: string[];
	/** The connection of the first command. */
	recorded: Connection;
	wanted: Connection;
	/** Number of commands. */
	count: number;
	/** All commands on the node. */
	commands: readonly ExportedResource[];
}

/** @param wanted by node */
export function differences(exported: Exported, wanted: ReadonlyMap<string, Connection>): Difference[] {
	const byNode = commandsByNode(exported);
	return [...wanted].flatMap(([node, connection]) => {
		const commands = byNode.get(node) ?? [];
		const recorded = commands.map(recordedConnection);
		const others = recorded.filter((other) => fieldsThatDiffer(other, connection).length > 0);
		const what = new Set(
			others.flatMap((other) => fieldsThatDiffer(other, connection).flatMap((key) => partNames[key] ?? [])),
		);
		return others.length === 0
			? []
			: [{ node, what: [...what], recorded: others[0]!, wanted: connection, count: others.length, commands }];
	});
}

/** Replaces the recorded connection by the wanted one, in the inputs and in the outputs, which a deletion uses. */
export function record(accepted: readonly Difference[]): void {
	for (const { wanted, commands } of accepted) {
		for (const { inputs, outputs } of commands) {
			for (const values of [inputs, outputs]) {
				if (values?.connection !== undefined) {
					values.connection = replaced(values.connection, wanted);
				}
			}
		}
	}
}

/**
 * A command of the cluster itself, which has no node as its parent, is on the node whose commands have the same host key. An address
 * says less: two nodes may have exchanged their ports since the command ran. It decides where no host key does, as after a
 * replacement of the machine.
 */
function commandsByNode({ deployment }: Exported): Map<string | undefined, ExportedResource[]> {
	const commands = (deployment.resources ?? []).filter(({ type }) => type === remoteCommand);
	const onNodes = commands.flatMap((command) => {
		const node = parentNode(command);
		return node === undefined ? [] : [{ node, ...recordedConnection(command) }];
	});
	const nodeOf = (command: ExportedResource) => {
		const { hostKey, host, port } = recordedConnection(command);
		return (
			onlyNode(onNodes.filter((other) => other.hostKey === hostKey)) ??
			onlyNode(onNodes.filter((other) => other.host === host && other.port === port))
		);
	};
	return Map.groupBy(commands, (command) => parentNode(command) ?? nodeOf(command));
}

/** @returns nothing when there are several: a command recorded for the wrong node would run there */
function onlyNode(found: readonly { node: string }[]): string | undefined {
	const [node, ...others] = new Set(found.map(({ node }) => node));
	return others.length === 0 ? node : undefined;
}

function recordedConnection({ inputs }: ExportedResource): Connection {
	return revealed(inputs?.connection) as Connection;
}

/** The plugin adds its defaults to what the program gave; only the program gives a bastion. */
function fieldsThatDiffer(one: Connection, other: Connection): (keyof Connection)[] {
	const { proxy: oneProxy, ...oneLogin } = one;
	const { proxy: otherProxy, ...otherLogin } = other;
	const fields = loginFieldsThatDiffer(oneLogin, otherLogin);
	const sameProxy =
		oneProxy && otherProxy ? loginFieldsThatDiffer(oneProxy, otherProxy).length === 0 : oneProxy === otherProxy;
	return sameProxy ? fields : [...fields, "proxy"];
}

function loginFieldsThatDiffer(one: Login, other: Login): (keyof Login)[] {
	return (Object.keys(other) as (keyof Login)[]).filter((key) => one[key] !== other[key]);
}

/** The same value with other fields; a secret stays a secret. */
function replaced(value: unknown, { proxy, ...login }: Connection): unknown {
	if (isSecret(value)) {
		return {
			...value,
			plaintext: JSON.stringify(replaced(JSON.parse(value.plaintext), { ...login, ...(proxy && { proxy }) })),
		};
	}
	const { proxy: proxyBefore, ...fields } = value as Values;
	return { ...withFields(fields, login), ...(proxy && { proxy: withFields(proxyBefore ?? {}, proxy) }) };
}

/** A private key is a secret by its type, also in a bastion that is new. */
function withFields(value: unknown, login: Login): Values {
	const fields = (isSecret(value) ? JSON.parse(value.plaintext) : value) as Values;
	const now = Object.entries(login).map(([key, field]) => {
		const isHidden = key === "privateKey" || isSecret(fields[key]);
		return [key, isHidden ? asSecret(field) : field];
	});
	return { ...fields, ...Object.fromEntries(now) };
}
