/** What the embedded host refuses, and what an interrupted operation leaves. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { embeddedEngine } from "../../rehearsal/engine/embedded/index.ts";
import { kubernetesType } from "../../rehearsal/engine/embedded/providers/kubernetes/index.ts";
import { CommandStack, note, urnOf } from "./engine-harness.ts";

const engine = embeddedEngine();

test("an input that it does not know is refused by name, before anything is done", async () => {
	const stack = new CommandStack(engine);
	const failed = await stack.up({ fancy: { create: note("ran"), assetPaths: ["*.txt"] } as never });
	expect(failed.succeeded).toBe(false);
	expect(failed.diagnostics).toEqual([
		{
			severity: "error",
			urn: urnOf("fancy"),
			message: `${urnOf("fancy")}: asks for what the embedded host does not know or cannot take: input assetPaths is not supported`,
		},
	]);
	expect(stack.takeNotes()).toEqual([]);
});

test("a Service is known only where nobody waits for what is behind it", () => {
	const service = (annotations: object) =>
		kubernetesType("kubernetes:core/v1:Service")!.inputs.safeParse({
			apiVersion: "v1",
			kind: "Service",
			metadata: { name: "metrics", namespace: "default", annotations },
		});
	expect(service({ "pulumi.com/skipAwait": "true" }).success).toBe(true);
	expect(service({}).error?.issues[0]?.message).toBe(
		"must have pulumi.com/skipAwait: the embedded host waits for no Service",
	);
});

test("an option that it does not know is refused by name", async () => {
	const stack = new CommandStack(engine);
	const failed = await stack.preview({ adopted: { create: "true", options: { import: "some-id" } as never } });
	expect(failed.succeeded).toBe(false);
	expect(failed.diagnostics.map(({ message }) => message).join()).toContain(
		'command:local:Command "adopted" uses import, which the embedded host does not know.',
	);
});

test("the state is private, and opens only with the passphrase that it was written with", async () => {
	const stack = new CommandStack(engine);
	await stack.up({ quiet: { create: "cat", secretStdin: "hush" } });
	const { stateDirectory } = stack.options({});
	expect(statSync(join(stateDirectory, "test.json")).mode & 0o777).toBe(0o600);
	writeFileSync(join(stateDirectory, "passphrase"), "another one");
	await expect(stack.outputs()).rejects.toThrow(/was written with another passphrase; set PULUMI_CONFIG_PASSPHRASE/);
});

test("after a kill in the middle of a creation the next operation says what may be left", async () => {
	const stack = new CommandStack(engine);
	const runner = fileURLToPath(new URL("../fixtures/engine-programs/run-embedded.ts", import.meta.url));
	const commands = { done: { create: "true" }, slow: { create: "sleep 2", dependsOn: ["done"] } };
	const child = spawn(process.execPath, [runner, JSON.stringify(stack.options(commands))], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	for await (const line of child.stdout) {
		if (String(line).includes(`started ${urnOf("slow")}`)) {
			child.kill("SIGKILL");
		}
	}
	if (child.exitCode === null && child.signalCode === null) {
		await once(child, "exit");
	}
	expect(child.signalCode).toBe("SIGKILL");

	const next = await stack.up(commands);
	expect(next.succeeded).toBe(true);
	expect(next.changes).toMatchObject({ create: 1, same: 2 });
	expect(next.diagnostics).toEqual([
		{
			severity: "warning",
			urn: urnOf("slow"),
			message: expect.stringMatching(/^The last operation was interrupted while it created .*slow/),
		},
	]);
	expect((await stack.preview(commands)).diagnostics).toEqual([]);
});
