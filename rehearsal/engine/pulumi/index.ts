/** The real engine: the `pulumi` CLI and its plugins, driven through the SDK's automation API. */
import { CommandError, type PreviewOptions, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { Engine, EngineOptions, EngineResult } from "../engine.ts";
import { Recorder } from "../recorder.ts";
import { EventRecorder } from "./events.ts";
import { configure, openStack } from "./workspace.ts";

type Operation = (stack: Stack, options: PreviewOptions, events: EventRecorder) => Promise<unknown>;

/** @param version As the CLI reports it. */
export function pulumiEngine(version: string, path: string): Engine {
	return {
		name: "pulumi",
		description: `Pulumi ${version} (${path})`,
		preview: (options) =>
			run(
				options,
				configured(options, (stack, settings) => stack.preview(settings)),
			),
		up: (options) =>
			run(
				options,
				configured(options, (stack, settings) => stack.up(settings)),
			),
		destroy: (options) => run({ ...options, policyPack: undefined, policyPackConfig: undefined }, destroy),
		outputs: async (options) => (await openStack(options)).outputs(),
	};
}

function configured(options: EngineOptions, operation: Operation): Operation {
	return async (stack, settings, events) => {
		await configure(stack, options);
		await operation(stack, settings, events);
	};
}

/** Previews first, as `pulumi destroy` at a terminal: otherwise it deletes whatever depends on a protected resource. */
const destroy: Operation = async (stack, settings, events) => {
	await stack.previewDestroy({ ...settings, onEvent: (event) => events.recordDiagnostic(event) });
	await stack.destroy(settings);
};

async function run(options: EngineOptions, operation: Operation): Promise<EngineResult> {
	const recorder = new Recorder(options);
	const events = new EventRecorder(recorder);
	const stack = await openStack(options);
	const policyPacks = options.policyPack ? [options.policyPack] : undefined;
	const policyPackConfigs = options.policyPackConfig ? [options.policyPackConfig] : undefined;
	const settings: PreviewOptions = { color: "never", policyPacks, policyPackConfigs };
	try {
		await operation(stack, { ...settings, onEvent: (event) => events.record(event) }, events);
		return recorder.result(true);
	} catch (error) {
		if (!(error instanceof CommandError)) {
			throw error;
		}
		// Failures before the engine runs (a missing plugin, a bad stack file) make no event.
		if (!recorder.explainsFailure) {
			recorder.diagnostic("error", error.message);
		}
		return recorder.result(false);
	}
}
