import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { pipeline } from "node:stream";
import ssh2 from "ssh2";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Properties, secret, unknownValue } from "../../../../../rehearsal/doubles/pulumi/provider/values.ts";
import { Plugin } from "./plugin.ts";
import { type SshServer, startSshServer } from "./ssh-server.ts";

const type = "command:remote:Command";
const keys = ssh2.utils.generateKeyPairSync("ed25519");
const bastionKeys = ssh2.utils.generateKeyPairSync("ed25519");
const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };

describe("command:remote:Command in the double", () => {
	test("logs in with its key, passes the input, displays and keeps the output", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const inputs = { ...to(server), create: "cat; echo created >&2", delete: "echo deleted", stdin: secret("one\n") };
		await plugin.create(type, inputs, { preview: true });
		expect(server.commands).toEqual([]);

		const { outputs } = await plugin.create(type, inputs);
		expect(outputs).toEqual({ ...inputs, stdout: "one", stderr: "created" });
		expect(plugin.linesOf(type).sort()).toEqual(["created", "one"]);
		expect(server.logins).toEqual([keys.public]);

		const update = { ...inputs, update: "echo updated; cat", stdin: "two\n", logging: "none" };
		const updated = await plugin.update(type, outputs, update);
		expect(updated).toEqual({ ...update, stdout: "updated\ntwo", stderr: "" });
		expect(plugin.linesOf(type)).toHaveLength(2);
		await plugin.delete(type, updated);
		expect(server.commands).toEqual([inputs.create, update.update, inputs.delete]);
	});

	test("runs `create` again when a change has no `update`", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const inputs = { ...to(server), create: "true" };
		await plugin.update(type, { ...inputs, stdout: "", stderr: "" }, { ...inputs, stdin: "2" });
		expect(server.commands).toEqual(["true"]);
	});

	test("reports command, status and output, or the signal, when a command fails", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const failing = (create: string) => plugin.create(type, { ...to(server), create });
		await expect(failing("echo no space left; exit 3")).rejects.toThrow(
			'Process exited with status 3: running "echo no space left; exit 3":\nno space left\n',
		);
		await expect(failing("kill -KILL $$")).rejects.toThrow("Process exited with status 137 from signal KILL: running");
		const lost = failing("echo begun; sleep 60");
		const told = expect(lost).rejects.toThrow("wait: remote command exited without exit status or exit signal");
		await expect.poll(() => plugin.linesOf(type)).toContain("begun");
		for (const client of server.clients) {
			client.end();
		}
		await told;
	});

	test("ends a command whose connection is reset, as a machine does that has started again", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		let reset = () => {};
		const gate = await listen(
			createServer((socket) => {
				pipeline(socket, connect(server.port, "127.0.0.1"), socket, () => {});
				reset = () => socket.resetAndDestroy();
			}),
		);
		const lost = plugin.create(type, { ...to(server, { port: gate }), create: "echo begun; sleep 60" });
		const told = expect(lost).rejects.toThrow("wait: remote command exited without exit status or exit signal");
		await expect.poll(() => plugin.linesOf(type)).toContain("begun");
		reset();
		await told;
	}, 20_000);

	test("fails after the given number of attempts when the host has another key", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const hostKey = ssh2.utils.generateKeyPairSync("ed25519").public;
		await expect(plugin.create(type, { ...to(server, { hostKey }), create: "true" })).rejects.toThrow(
			"after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch",
		);
		expect(plugin.linesOf(type)).toEqual(["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
		expect(server.logins).toEqual([]);
	});

	test("reports the reason when it cannot connect or log in", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const dialing = (connection: Properties) => plugin.create(type, { ...to(server, connection), create: "true" });
		const port = await closedPort();
		await expect(dialing({ port, dialErrorLimit: 0 })).rejects.toThrow(
			`after 0 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`,
		);
		await expect(dialing({ user: "nobody", dialErrorLimit: 0 })).rejects.toThrow("ssh: unable to authenticate");
		// A key that cannot be read is no reason to dial.
		await expect(dialing({ privateKey: secret("hush-hush"), port })).rejects.toThrow(/^(?!.*(hush|attempts))/);
	});

	test("tries again until the host answers", async () => {
		const plugin = await Plugin.start("command");
		const server = await startSshServer();
		let dials = 0;
		const gate = await listen(
			createServer((socket) => {
				dials += 1;
				if (dials < 3) {
					return socket.destroy();
				}
				const onwards = connect(server.port, "127.0.0.1");
				pipeline(socket, onwards, socket, () => {});
			}),
		);
		const inputs = { ...to(server, { port: gate, dialErrorLimit: -1 }), create: "echo there" };
		expect((await plugin.create(type, inputs)).outputs).toMatchObject({ stdout: "there" });
		expect(plugin.linesOf(type)).toEqual(["Dial 1/inf failed: retrying", "Dial 2/inf failed: retrying", "there"]);
	});

	test("goes through a bastion, with the key for each of the two", async () => {
		const [plugin, server, bastion] = [await Plugin.start("command"), await startSshServer(), await startSshServer()];
		const inputs = { ...to(server, { proxy: proxyOf(bastion) }), create: "echo there" };
		expect((await plugin.create(type, inputs)).outputs).toMatchObject({ stdout: "there" });
		expect(bastion).toMatchObject({
			forwards: [`127.0.0.1:${server.port}`],
			commands: [],
			logins: [bastionKeys.public],
		});
		expect(server.logins).toEqual([keys.public]);
	});

	test("names the bastion when it has another host key, and reaches nothing behind it", async () => {
		const [plugin, server, bastion] = [await Plugin.start("command"), await startSshServer(), await startSshServer()];
		const proxy = { ...proxyOf(bastion), hostKey: server.hostKey };
		await expect(plugin.create(type, { ...to(server, { proxy }), create: "true" })).rejects.toThrow(
			"proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
		);
		expect(plugin.linesOf(type)).toEqual(["Dial proxy 1/1 failed: retrying"]);
		expect([...bastion.forwards, ...server.logins]).toEqual([]);
	});

	test("loses the reason of a node behind a bastion, because the second attempt uses the channel of the first", async () => {
		const [plugin, server, bastion] = [await Plugin.start("command"), await startSshServer(), await startSshServer()];
		const connection = { proxy: proxyOf(bastion), hostKey: bastion.hostKey };
		await expect(plugin.create(type, { ...to(server, connection), create: "true" })).rejects.toThrow(
			"proxy: after 2 failed attempts: ssh: handshake failed: EOF",
		);
		expect(server.logins).toEqual([]);
	});

	test("stops dialing when the engine cancels", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const inputs = { ...to(server, { port: await closedPort(), dialErrorLimit: -1 }), create: "true" };
		const stopped = expect(plugin.create(type, inputs)).rejects.toThrow("context canceled");
		await expect.poll(() => plugin.linesOf(type)).toContain("Dial 1/inf failed: retrying");
		await plugin.cancel();
		await stopped;
	});

	test("lets a running command end when the engine cancels or after the custom timeout", async () => {
		const [plugin, server] = [await Plugin.start("command"), await startSshServer()];
		const inputs = { ...to(server), create: "echo begun; sleep 2; echo ended" };
		const running = plugin.create(type, inputs, { timeout: 1 });
		await expect.poll(() => plugin.linesOf(type), { timeout: 20_000 }).toEqual(["begun"]);
		await plugin.cancel();
		expect((await running).outputs).toMatchObject({ stdout: "begun\nended" });
	});

	test("completes the connection, and keeps it and its private key as secrets", async () => {
		const plugin = await Plugin.start("command");
		const given = { host: "h", hostKey: keys.public, privateKey: unknownValue };
		const inputs = { create: "true", addPreviousOutputInEnv: false };
		const checked = await plugin.check(type, { ...inputs, connection: given });
		expect(checked.problems).toEqual([]);
		expect(checked.inputs).toEqual({
			...inputs,
			connection: secret({ ...defaults, ...given, privateKey: secret(unknownValue) }),
		});
		const unknown = await plugin.check(type, { ...inputs, connection: unknownValue });
		expect(unknown).toEqual({ problems: [], inputs: { ...inputs, connection: secret(unknownValue) } });
	});

	test("names unknown inputs and a missing host key when it refuses them", async () => {
		const plugin = await Plugin.start("command");
		const connection = secret({ host: "h", privateKey: secret("k"), password: "hush-hush", port: "22" });
		const { problems } = await plugin.check(type, { connection, environment: { A: "1" } });
		expect(problems.sort()).toEqual([
			"the double does not support the input connection.password",
			"the double does not support the input environment",
			"the input addPreviousOutputInEnv must be false, because the double sends no environment",
			"the input connection.hostKey is missing, and the double refuses a host whose key is not given",
			"the input connection.port must be a number",
		]);
	});

	test("reports one change when the connection changes", async () => {
		const plugin = await Plugin.start("command");
		const before = { create: "true", connection: secret({ host: "a" }) };
		const { details } = await plugin.diff(type, before, { create: "true", connection: secret({ host: "b" }) });
		expect(details).toEqual({ connection: "UPDATE" });
	});
});

function proxyOf({ port, hostKey }: SshServer): Properties {
	return { ...defaults, host: "127.0.0.1", port, hostKey, privateKey: secret(bastionKeys.private), dialErrorLimit: 1 };
}

function to(server: SshServer, more: Properties = {}) {
	const { port, hostKey } = server;
	const privateKey = secret(keys.private);
	const connection = { ...defaults, host: "127.0.0.1", port, hostKey, privateKey, dialErrorLimit: 2, ...more };
	return { addPreviousOutputInEnv: false, connection: secret(connection) };
}

async function listen(server: Server): Promise<number> {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => {
		server.close();
	});
	return (server.address() as { port: number }).port;
}

async function closedPort(): Promise<number> {
	const server = createServer();
	const port = await listen(server);
	server.close();
	await once(server, "close");
	return port;
}
