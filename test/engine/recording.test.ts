/**
 * `npm run compliance` and the commands of the pack record the program by the SDK's own mocks, without an engine. They see
 * the resources, and the inputs, that the CLI sees.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect, onTestFinished, test } from "vitest";
import { previewStack } from "../../compliance/evaluation/preview.ts";
import { createOverlay } from "../../rehearsal/stack/overlay.ts";
import { engineConfig } from "../../rehearsal/stack/stack.ts";
import { labValues } from "../fixtures/lab.ts";
import { pulumi } from "./harness.ts";

const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));

// The marks of the protocol: @pulumi/pulumi runtime/rpc.js.
const mark = "4dabf18193072939515e22adb298388d";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** As the CLI shows a secret: of a provider's configuration in the protocol's form. */
const isHidden = (shown: unknown) => JSON.stringify(shown) === '"[secret]"' || isMarkedHidden(shown);
const isMarkedHidden = (shown: unknown) => (shown as Record<string, unknown>)?.ciphertext === "[secret]";

test("the program has the same resources and inputs in a recording by mocks and in a preview by the CLI", async () => {
	const overlay = createOverlay({
		mirror: "http://mirror.invalid",
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
	expect([...shown.keys()].sort()).toEqual([...recorded.keys()].sort());
	for (const [resource, inputs] of recorded) {
		expect(unlike(inputs, shown.get(resource)), resource).toEqual([]);
	}
});

async function previewByCli(config: ReturnType<typeof engineConfig>): Promise<Map<string, unknown>> {
	const stateDirectory = mkdtempSync(join(tmpdir(), "recording-test-"));
	onTestFinished(() => rmSync(stateDirectory, { recursive: true }));
	const inputs = new Map<string, unknown>();
	// The recorder names its stack "preview", and the names of the cluster's resources contain that name.
	const options = { projectDirectory, stack: "preview", config, stateDirectory, environment: {} };
	const record = ({ resourcePreEvent }: EngineEvent) => {
		const resource = resourcePreEvent?.metadata.new;
		const name = resource?.urn.split("::").at(-1);
		// Default providers are the engine's own: the program does not declare them. A reference reads another state.
		const isOwn = /^(pulumi:pulumi:Stack(Reference)?$|rke2-lab:)/.test(resource?.type ?? "");
		if (resource && !isOwn && !/^default(_|$)/.test(name ?? "")) {
			inputs.set(`${resource.type} ${name}`, resource.inputs);
		}
	};
	const preview = await pulumi.preview({ ...options, onEvent: record });
	expect(preview.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
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
