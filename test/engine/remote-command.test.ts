import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { newEd25519KeyPair } from "../../rehearsal/doubles/pulumi/tls/ed25519.ts";
import type { EngineOptions } from "../../rehearsal/engine/engine.ts";
import type { RemoteDescription } from "../fixtures/engine-programs/remote-command/src/index.ts";
import { type SshServer, startSshServer } from "../unit/rehearsal/doubles/pulumi/ssh-server.ts";
import { projectOf, pulumi } from "./harness.ts";

const project = projectOf("remote-command");

describe("commands over SSH", () => {
	test("logs in with its key, passes the input and keeps the output", async () => {
		const server = await startSshServer();
		const stack = newStack(server);
		const commands = { create: "cat; echo created >&2", update: "echo updated; cat", delete: "echo deleted" };
		expect((await stack.preview({ ...commands, stdin: "one\n" })).succeeded).toBe(true);
		expect(server.commands).toEqual([]);

		const up = await stack.up({ ...commands, stdin: "one\n" });
		expect(up.diagnostics.map(({ message }) => message).sort()).toEqual(["created", "one"]);
		expect(up.succeeded).toBe(true);
		const outputs = await stack.outputs();
		expect(outputs.stdout).toEqual({ value: "one", secret: false });
		expect(outputs.privateKey?.secret).toBe(true);
		expect(String(outputs.publicKey?.value).trim()).toBe(server.logins[0]);

		const again = await stack.up({ ...commands, stdin: "two\n", logging: "none" });
		expect(again.changes).toMatchObject({ update: 1, replace: 0 });
		expect(again.diagnostics).toEqual([]);
		expect((await stack.outputs()).stdout?.value).toBe("updated\ntwo");
		await stack.destroy();
		expect(server.commands).toEqual([commands.create, commands.update, commands.delete]);
	});

	test("runs `create` again when a change has no `update`, and reports command, status and output when it fails", {}, async () => {
		const server = await startSshServer();
		const stack = newStack(server);
		await stack.up({ create: "true", stdin: "1" });
		await stack.up({ create: "true", stdin: "2" });
		expect(server.commands).toEqual(["true", "true"]);

		const failed = await stack.up({ create: "echo no space left; exit 3" });
		expect(failed.succeeded).toBe(false);
		const error = failed.diagnostics.find(({ severity, urn }) => severity === "error" && urn?.endsWith("::remote"));
		expect(error?.message).toMatch(
			/Process exited with status 3: running "echo no space left; exit 3":\s+no space left/,
		);
	});

	test("fails when the host has another key", async () => {
		const server = await startSshServer();
		const other = newEd25519KeyPair().public;
		const failed = await newStack(server).up({ create: "true", hostKey: other });
		expect(failed.succeeded).toBe(false);
		expect(failed.diagnostics.map(({ message }) => message).join()).toMatch(
			/after 2 failed attempts.*host key mismatch/,
		);
		expect(server.logins).toEqual([]);
	});
});

function newStack(server: SshServer) {
	const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const options = (args: Partial<RemoteDescription>): EngineOptions => ({
		projectDirectory: project,
		stack: "test",
		stateDirectory: directory,
		environment: {},
		config: {
			"engine-remote-command:remote": {
				value: JSON.stringify({ port: server.port, hostKey: server.hostKey, ...args }),
				secret: false,
			},
		},
	});
	return {
		preview: (args: Partial<RemoteDescription>) => pulumi.preview(options(args)),
		up: (args: Partial<RemoteDescription>) => pulumi.up(options(args)),
		destroy: () => pulumi.destroy(options({})),
		outputs: () => pulumi.outputs(options({})),
	};
}
