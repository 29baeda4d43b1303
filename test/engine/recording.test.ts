/**
 * `npm run compliance` and the commands of the pack record the program by the SDK's own mocks, without an engine. They see
 * the resources, and the inputs, that the CLI sees.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { toResource } from "../../compliance/evaluation/evaluate-stack.ts";
import { previewSecrets, previewStack } from "../../compliance/evaluation/preview.ts";
import { fixedStacks } from "../../compliance/record/stacks.ts";
import { pluginDefaults } from "../../policies/lib/record/plugin-defaults.ts";
import { createOverlay } from "../../rehearsal/stack/overlay.ts";
import { engineConfig } from "../../rehearsal/stack/stack.ts";
import { addedInputs } from "../../tools/plugin-defaults/added-inputs.ts";
import { isOfTheEngine, previewInputs } from "../../tools/plugin-defaults/engine-inputs.ts";
import { labValues } from "../fixtures/lab.ts";
import { pulumi } from "./harness.ts";

const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));
const policyPack = join(projectDirectory, "policies");

// The marks of the protocol: @pulumi/pulumi runtime/rpc.js.
const mark = "4dabf18193072939515e22adb298388d";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** As the CLI shows a secret: of a provider's configuration in the protocol's form. */
const isHidden = (shown: unknown) => JSON.stringify(shown) === '"[secret]"' || isMarkedHidden(shown);
const isMarkedHidden = (shown: unknown) => (shown as Record<string, unknown>)?.ciphertext === "[secret]";

test("the program has the same resources and inputs in a recording by mocks and in a preview by the CLI", async () => {
	const overlay = createOverlay({
		mirror: "http://mirror.lab.internal",
		artifactSha256: "0".repeat(64),
		imageSha256: "0".repeat(64),
		tokenId: "test@pve!test",
		authorizedKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0 test",
	});
	const values = labValues(overlay.values);
	const recorded = new Map(
		(await previewStack(values)).map(({ type, name, inputs }) => [`${type} ${name}`, inputs.toJavaScript()]),
	);
	const shown = await previewByCli(engineConfig("rke2-lab", values, overlay));
	const declared = [...shown.keys()].filter((resource) => !isOfTheEngine(resource));
	expect(declared.sort()).toEqual([...recorded.keys()].sort());
	for (const [resource, inputs] of recorded) {
		expect(unlike(inputs, shown.get(resource)), resource).toEqual([]);
	}
});

test("the engine adds to the inputs of every feature only defaults that the record has, and the pack accepts both", async () => {
	const everything = fixedStacks().find(({ name }) => name === "everything")!;
	const recorded = (await previewStack(everything.values)).map(toResource);
	const config = engineConfig("rke2-lab", everything.values, { values: {}, secrets: previewSecrets });
	const shown = await previewByCli(config);
	const declared = new Map(recorded.map(({ type, name, props }) => [`${type} ${name}`, props]));
	const { inputs, resources } = addedInputs([{ declared, shown }]);
	expect(resources).toEqual(pluginDefaults().resources);
	for (const [type, added] of Object.entries(inputs)) {
		expect(pluginDefaults().inputs[type], `npm run policy:defaults; ${type}`).toMatchObject(added as object);
	}
});

/** The preview has no violation of the rule that knows every resource. */
async function previewByCli(config: ReturnType<typeof engineConfig>) {
	const stateDirectory = mkdtempSync(join(tmpdir(), "recording-test-"));
	onTestFinished(() => rmSync(stateDirectory, { recursive: true }));
	// The recorder names its stack "preview", and the names of the cluster's resources contain that name.
	const options = { projectDirectory, policyPack, stack: "preview", config, stateDirectory, environment: {} };
	const { inputs, diagnostics, policies } = await previewInputs(pulumi, options);
	expect(policies.violations.filter(({ policy }) => policy.startsWith("program-"))).toEqual([]);
	expect(policies.evaluated).toBeGreaterThan(100);
	expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
	return inputs;
}

/** The last word of a convergence stands for the agent token, and both ways have secrets of their own. */
function withoutRevision(value: unknown): string {
	return String(value).replace(/(converge\.sh .*) [0-9a-f]{64}$/, "$1");
}

/** Paths of the recorded inputs that the CLI shows otherwise. It may show more: defaults that a plugin adds. */
function unlike(recorded: unknown, shown: unknown, path = ""): string[] {
	if (recorded === unknown || shown === unknown) {
		return [];
	}
	if (typeof recorded !== "object" || recorded === null) {
		// Numbers and booleans are text among the inputs of a provider.
		return withoutRevision(recorded) === withoutRevision(shown) || isHidden(shown)
			? []
			: [`${path}: ${recorded}, not ${shown}`];
	}
	if (mark in recorded) {
		return isHidden(shown) ? [] : [`${path}: not secret`];
	}
	return Object.entries(recorded).flatMap(([key, value]) =>
		unlike(value, (shown as Record<string, unknown> | undefined)?.[key], `${path}.${key}`),
	);
}
