import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { findEngine } from "../../rehearsal/engine/find.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** Nothing of the CLI's on the machine but what the directory holds. */
function withPath(path: string): void {
	vi.stubEnv("PATH", path);
	vi.stubEnv("PULUMI_HOME", "/nowhere");
	onTestFinished(() => {
		vi.unstubAllEnvs();
	});
}

test("without a CLI the embedded host runs, and says why", async () => {
	withPath("/nowhere");
	const engine = await findEngine(undefined, project);
	expect(engine.name).toBe("embedded");
	expect(engine.description).toMatch(
		/^embedded host, Node 2\d\.\S+; not the Pulumi CLI, because there is no `pulumi` on PATH$/,
	);
});

test("the CLI by name is an error where there is none", async () => {
	withPath("/nowhere");
	await expect(findEngine("pulumi", project)).rejects.toThrow(
		'The engine "pulumi" cannot run because there is no `pulumi` on PATH; put the CLI on PATH and its plugins under PULUMI_HOME, or use --engine embedded.',
	);
});

test("the embedded host by name gives no reasons", async () => {
	withPath("/nowhere");
	expect((await findEngine("embedded", project)).description).toMatch(/^embedded host, Node \S+$/);
});

test("a CLI without the plugins of the project's packages is not used, and they are named", async () => {
	withPath(fileURLToPath(new URL("../fixtures/engine-programs/bare-cli", import.meta.url)));
	const engine = await findEngine(undefined, project);
	expect(engine.name).toBe("embedded");
	expect(engine.description).toMatch(
		/because it lacks the plugin .*kubernetes \d+\.\d+\.\d+.* and cannot download it$/,
	);
});
