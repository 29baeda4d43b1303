import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { EngineOptions } from "../../rehearsal/engine/engine.ts";
import { projectOf, pulumi } from "./harness.ts";

test("a stack reads its secret output of the last up, without a resource that a refresh would read again", async () => {
	const stateDirectory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(stateDirectory, { recursive: true }));
	const types = new Set<string>();
	const said = async (text: string) => {
		const options: EngineOptions = {
			projectDirectory: projectOf("own-outputs"),
			stack: "test",
			stateDirectory,
			environment: {},
			config: { "engine-own-outputs:text": { value: text, secret: false } },
			onStep: ({ type }) => types.add(type),
		};
		return (await pulumi.up(options)).diagnostics.map(({ message }) => message.trim());
	};
	expect(await said("four")).toEqual(["nothing is recorded"]);
	expect(await said("sixteen")).toEqual(["4 characters are recorded"]);
	expect(await said("one")).toEqual(["7 characters are recorded"]);
	// The second one is the engine's default provider.
	expect([...types].sort()).toEqual(["pulumi:providers:pulumi", "pulumi:pulumi:Stack"]);
});
