/** command:remote:Command over real SSH: pulumi-command, provider/pkg/provider/remote/commandOutputs.go. */
import { constants } from "node:os";
import type { Client } from "ssh2";
import { z } from "zod";
import { isObject, mapInside, type Properties, secret, type Value } from "../provider/values.ts";
import { commandInputs, commandType, type Run } from "./command-type.ts";
import { connection, connectionDefaults } from "./connection.ts";
import { dial } from "./dial.ts";

/**
 * No environment is sent. A server accepts only the names in its AcceptEnv, and the real plugin fails or warns when the
 * server refuses one. The SSH client here cannot see a refusal.
 */
const inputs = z.strictObject({
	...commandInputs,
	connection,
	addPreviousOutputInEnv: z.literal(false, { error: "must be false, because the double sends no environment" }),
});

type RemoteRun = Run<z.output<typeof inputs>>;

export const remoteCommand = commandType(inputs, complete, async (run: RemoteRun) => {
	const client = await dial(run.inputs.connection, run.signal, run.status);
	try {
		return await execute(client, run);
	} finally {
		client.end();
	}
});

/** The connection and the private key in it are secrets by their type: provider/pkg/provider/remote/command.go. */
function complete(given: Properties): Properties {
	if (given.connection === undefined) {
		return given;
	}
	const connection = mapInside(given.connection, (value) => {
		if (!isObject(value)) {
			return value;
		}
		const proxy: Properties = value.proxy === undefined ? {} : { proxy: mapInside(value.proxy, withDefaults) };
		return withDefaults({ ...value, ...proxy });
	});
	return { ...given, connection: secret(connection) };
}

function withDefaults(login: Value): Value {
	if (!isObject(login)) {
		return login;
	}
	const key: Properties = login.privateKey === undefined ? {} : { privateKey: secret(login.privateKey) };
	return { ...connectionDefaults, ...login, ...key };
}

/**
 * Neither the engine's cancellation nor a custom timeout ends a session: the real plugin uses its context for dialing only.
 * Commands therefore need a time limit of their own.
 */
function execute(client: Client, { command, inputs, collector }: RemoteRun): Promise<string> {
	return new Promise((resolve, reject) => {
		let failed = "wait: remote command exited without exit status or exit signal";
		// The SSH client never answers a request whose connection ends before the server has answered it.
		client.once("close", () => resolve(failed));
		client.exec(command, (error, channel) => {
			if (error) {
				return reject(error);
			}
			// Registered at once, because the same packet may already contain the end of a short command.
			channel.on("exit", (code: number | null, signal?: string) => {
				failed = code === 0 ? "" : failureOf(code, signal);
			});
			channel.on("close", () => resolve(failed));
			collector.attach("stdout", channel);
			collector.attach("stderr", channel.stderr);
			channel.end(inputs.stdin ?? "");
		});
	});
}

/** The message of golang.org/x/crypto/ssh, with the shell's exit status of a signal. @param signal such as `KILL` */
function failureOf(code: number | null, signal = ""): string {
	if (code !== null) {
		return `Process exited with status ${code}`;
	}
	const name = signal.replace(/^SIG/, "");
	const number = constants.signals[`SIG${name}` as NodeJS.Signals] ?? 0;
	return `Process exited with status ${128 + number} from signal ${name}`;
}
