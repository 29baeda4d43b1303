import { describe, expect, test } from "vitest";
import { secret, unknownValue } from "../../../../../rehearsal/doubles/pulumi/provider/values.ts";
import { Plugin } from "./plugin.ts";

const type = "command:local:Command";
const nothing = { stdout: "", stderr: "" };
const unknown = { stdout: unknownValue, stderr: unknownValue };

describe("command:local:Command in the double", () => {
	test("runs `create`, displays its output line by line, and keeps it with the inputs", async () => {
		const plugin = await Plugin.start("command");
		const inputs = {
			create: 'cat; echo "$NAME"; printf "%s" warned >&2',
			stdin: secret("given\n"),
			environment: { NAME: "x" },
		};
		const { id, outputs } = await plugin.create(type, inputs);
		expect(id).toMatch(/^it[0-9a-f]{8}$/);
		expect(outputs).toEqual({ ...inputs, stdout: "given\nx", stderr: "warned" });
		expect(plugin.linesOf(type).sort()).toEqual(["given", "warned", "x"]);
	});

	test("displays only the streams of `logging`, and keeps both", async () => {
		const plugin = await Plugin.start("command");
		for (const logging of ["none", "stderr", "stdout"]) {
			const { outputs } = await plugin.create(type, {
				create: `echo ${logging}-out; echo ${logging}-err >&2`,
				logging,
			});
			expect(outputs).toMatchObject({ stdout: `${logging}-out`, stderr: `${logging}-err` });
		}
		expect(plugin.linesOf(type)).toEqual(["stderr-err", "stdout-out"]);
	});

	test("runs nothing and has unknown outputs in a preview of a creation", async () => {
		const plugin = await Plugin.start("command");
		const inputs = { create: "echo ran >&2", stdin: unknownValue, environment: { A: secret(unknownValue) } };
		expect((await plugin.create(type, inputs, { preview: true })).outputs).toEqual({ ...inputs, ...unknown });
		expect(plugin.messages).toEqual([]);
	});

	test("has known outputs in a preview of an update when no existing input differs", async () => {
		const plugin = await Plugin.start("command");
		const before = { create: "true", stdin: "1" };
		const state = { ...before, stdout: "old", stderr: secret("older") };
		const outputs = async (inputs: Record<string, string>) => {
			const { stdout, stderr } = await plugin.update(type, state, inputs, { preview: true });
			return { stdout, stderr };
		};
		expect(await outputs({ ...before, delete: "true" })).toEqual({ stdout: "old", stderr: "older" });
		expect(await outputs({ ...before, stdin: "2" })).toEqual(unknown);
		expect(await outputs({ create: "true" })).toEqual(unknown);
		expect(await outputs({ ...before, delete: unknownValue })).toEqual(unknown);
	});

	test("runs `update`, or `create` without it, with the last output in its environment", async () => {
		const plugin = await Plugin.start("command");
		const told = 'echo "$PULUMI_COMMAND_STDOUT,$PULUMI_COMMAND_STDERR"';
		const state = { create: "true", stdout: "out", stderr: secret("err") };
		expect(await plugin.update(type, state, { create: told })).toMatchObject({ stdout: "out,err" });
		expect(await plugin.update(type, state, { create: "true", update: told })).toMatchObject({ stdout: "out,err" });
		const quiet = { create: told, addPreviousOutputInEnv: false };
		expect(await plugin.update(type, state, quiet)).toMatchObject({ stdout: "," });
		// Without a command the output stays.
		expect(await plugin.update(type, state, {})).toEqual({ stdout: "out", stderr: "err" });
		expect((await plugin.create(type, {})).outputs).toEqual(nothing);
	});

	test("runs `delete` with the last output, and nothing without it", async () => {
		const plugin = await Plugin.start("command");
		const state = { create: "echo created", delete: 'echo "gone: $PULUMI_COMMAND_STDOUT"', stdout: "kept", stderr: "" };
		await plugin.delete(type, state);
		await plugin.delete(type, { create: "echo created", ...nothing });
		expect(plugin.linesOf(type)).toEqual(["gone: kept"]);
	});

	test("reports command, status and output, or the signal, when a command fails", async () => {
		const plugin = await Plugin.start("command");
		const failing = { create: 'echo "no space" >&2; exit 3', logging: "none" };
		await expect(plugin.create(type, failing)).rejects.toThrow(
			'exit status 3: running "echo \\"no space\\" >&2; exit 3":\nno space\n',
		);
		await expect(plugin.create(type, { create: "kill -TERM $$" })).rejects.toThrow('signal: terminated: running "kill');
	});

	test("ends running commands and starts no others when the engine cancels", async () => {
		const plugin = await Plugin.start("command");
		const running = plugin.create(type, { create: "echo begun; exec sleep 60" });
		const ended = expect(running).rejects.toThrow('signal: killed: running "echo begun; exec sleep 60":\nbegun\n');
		await expect.poll(() => plugin.linesOf(type)).toEqual(["begun"]);
		await plugin.cancel();
		await ended;
		await expect(plugin.create(type, { create: "true" })).rejects.toThrow('context canceled: running "true"');
	});

	test("ends a command after the custom timeout", async () => {
		const plugin = await Plugin.start("command");
		const late = plugin.create(type, { create: "exec sleep 60" }, { timeout: 1 });
		await expect(late).rejects.toThrow("signal: killed");
		expect((await plugin.create(type, { create: "echo soon" }, { timeout: 60 })).outputs).toMatchObject({
			stdout: "soon",
		});
	});

	test("accepts and returns more than 4 MiB", async () => {
		const plugin = await Plugin.start("command");
		const stdin = "x".repeat(6 << 20);
		expect((await plugin.create(type, { create: "cat", stdin, logging: "none" })).outputs.stdout).toBe(stdin);
	});
});

describe("checks and differences of the command double", () => {
	test("names unknown inputs and inputs of a wrong type when it refuses them", async () => {
		const plugin = await Plugin.start("command");
		const inputs = {
			create: 7,
			stdin: secret(["hush-hush"]),
			interpreter: ["bash"],
			logging: "loud",
			environment: { A: 1, B: unknownValue },
			update: secret(unknownValue),
		};
		const { problems } = await plugin.check(type, inputs);
		expect(problems.sort()).toEqual([
			"the double does not support the input interpreter",
			"the input create must be a text",
			"the input environment.A must be a text",
			"the input logging must be one of stdout, stderr, stdoutAndStderr, none",
			"the input stdin must be a text",
		]);
		expect(problems.join()).not.toContain("hush");
	});

	test("accepts known inputs, unknowns and secrets, and drops nulls", async () => {
		const plugin = await Plugin.start("command");
		const inputs = {
			create: "true",
			stdin: unknownValue,
			triggers: [1, { a: secret("b") }],
			environment: secret({ A: "1" }),
		};
		expect(await plugin.check(type, { ...inputs, delete: null })).toEqual({ inputs, problems: [] });
	});

	test("refuses assets and unknown types", async () => {
		const plugin = await Plugin.start("command");
		const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "hush-hush" };
		expect((await plugin.check(type, { triggers: [asset] })).problems).toEqual([
			"the input triggers holds an asset, an archive or a resource, which the double does not take",
		]);
		expect((await plugin.check("command:remote:CopyToRemote", {})).problems).toEqual([
			"the double of the command plugin does not support the type command:remote:CopyToRemote",
		]);
	});

	test("reports each change by path, and replaces when the triggers are added or removed as a whole", async () => {
		const plugin = await Plugin.start("command");
		const before = {
			create: "a",
			stdin: secret("1"),
			delete: "d",
			environment: { A: "1", "b.c": "2" },
			triggers: ["1", "2"],
		};
		expect(await plugin.diff(type, before, before)).toEqual({ changes: false, replaces: [], diffs: [], details: {} });
		const after = {
			create: "b",
			stdin: secret("2"),
			update: "u",
			environment: { A: "1", "b.c": "3" },
			triggers: ["0"],
		};
		expect(await plugin.diff(type, before, after)).toEqual({
			changes: true,
			// The SDK's class has the engine replace for these.
			replaces: [],
			diffs: ["create", "delete", "environment", "stdin", "triggers", "update"],
			details: {
				create: "UPDATE",
				delete: "DELETE",
				'environment["b.c"]': "UPDATE",
				stdin: "UPDATE",
				"triggers[0]": "UPDATE",
				"triggers[1]": "DELETE",
				update: "ADD",
			},
		});
		expect(await plugin.diff(type, { create: "a" }, { create: unknownValue, triggers: [] })).toEqual({
			changes: true,
			replaces: ["triggers"],
			diffs: ["create", "triggers"],
			details: { create: "UPDATE", triggers: "ADD_REPLACE" },
		});
	});
});
