/** Runs Pulumi's own CLI with its plugins through the SDK's automation API. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandError, type LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { Exported } from "../../src/state/exported.ts";
import { describePulumi, type Pulumi } from "../setup/pulumi/index.ts";
import type { EngineOptions, EngineResult, ImportedResource, StackOutput } from "./engine.ts";
import { EventRecorder } from "./events.ts";
import { Recorder } from "./recorder.ts";
import { configure, openStack } from "./workspace.ts";

/** Settings that all operations of a stack share. */
interface Settings {
	color: "never";
	target?: string[];
	expectNoChanges?: boolean;
	signal: AbortSignal;
	onEvent: Parameters<Stack["up"]>[0] extends { onEvent?: infer Listener } | undefined ? Listener : never;
}

type Operation = (stack: Stack, settings: Settings, events: EventRecorder) => Promise<unknown>;

export interface CommandResult {
	status: number;
	/** Standard output, followed by standard error. */
	printed: string;
}

/** Runs one operation at a time. */
export class PulumiCli {
	/** One line with the CLI, the plugins and the origin of each. */
	readonly description: string;
	readonly #pulumi: Pulumi;
	readonly #stacks = new Map<string, Stack>();
	readonly #secrets = new Map<Stack, Map<string, string>>();
	/** Outputs of the stacks whose last operation was an `up` that succeeded. Reading them costs two calls of the CLI. */
	readonly #outputs = new Map<Stack, Record<string, StackOutput>>();
	#running: AbortController | undefined;

	constructor(pulumi: Pulumi) {
		this.#pulumi = pulumi;
		this.description = describePulumi(pulumi);
	}

	/** Changes nothing. */
	preview(options: EngineOptions): Promise<EngineResult> {
		const { replace, refresh } = options;
		return this.#configured(options, (stack, settings) =>
			stack.preview({ ...settings, ...policies(options), replace, refresh }),
		);
	}

	up(options: EngineOptions): Promise<EngineResult> {
		const { replace, refresh } = options;
		return this.#configured(options, async (stack, settings) => {
			const { outputs } = await stack.up({ ...settings, ...policies(options), replace, refresh });
			this.#outputs.set(stack, outputs);
		});
	}

	/** Updates the state from the providers. Changes nothing else. */
	refresh(options: EngineOptions): Promise<EngineResult> {
		return this.#configured(options, (stack, settings) => stack.refresh(settings));
	}

	/**
	 * Runs a preview first when a resource is protected, as `pulumi destroy` at a terminal always does. Otherwise it would
	 * delete everything that depends on the protected resource before it fails.
	 */
	destroy(options: EngineOptions): Promise<EngineResult> {
		return this.#run(options, async (stack, settings, events) => {
			const { deployment } = await stack.exportStack();
			if (deployment.resources?.some(({ protect }: { protect?: boolean }) => protect)) {
				await stack.previewDestroy({ ...settings, onEvent: (event) => events.recordDiagnostic(event) });
			}
			await stack.destroy({ ...settings, continueOnError: options.continueOnError });
		});
	}

	/** Imports existing resources into the state. The CLI reports no steps of an import. */
	import(options: EngineOptions, resources: readonly ImportedResource[]): Promise<EngineResult> {
		const named = resources.flatMap(({ parent, provider }) => [parent, provider]).filter((urn) => urn !== undefined);
		// The CLI refers to parents and providers by names that the caller chooses.
		const nameTable = Object.fromEntries(named.map((urn) => [urn, urn]));
		return this.#configured(options, (stack) =>
			stack.import({ resources: [...resources], nameTable, generateCode: false, protect: false }),
		);
	}

	/** Releases the lock of an operation that did not end. Its pending operations stay in the state. */
	async cancel(options: EngineOptions): Promise<void> {
		await (await this.#open(options)).cancel();
	}

	async outputs(options: EngineOptions): Promise<Record<string, StackOutput>> {
		const stack = await this.#open(options);
		return this.#outputs.get(stack) ?? stack.outputs();
	}

	/**
	 * Runs a command of the project that calls the CLI, in the environment of a user.
	 *
	 * @param file file that Node runs
	 */
	command(options: EngineOptions, file: string, ...args: string[]): Promise<CommandResult> {
		return this.#execute(options, process.execPath, [file, ...args]);
	}

	/** Runs the CLI as a user does: it sends its events to nobody. */
	run(options: EngineOptions, ...args: string[]): Promise<CommandResult> {
		return this.#execute(options, join(this.#pulumi.home, "bin/pulumi"), args);
	}

	async #execute(options: EngineOptions, program: string, args: readonly string[]): Promise<CommandResult> {
		const stack = await this.#open(options);
		await configure(stack, options, this.#secretsOf(stack));
		const { envVars = {}, pulumiHome, workDir } = stack.workspace as LocalWorkspace;
		const path = [join(this.#pulumi.home, "bin"), envVars.PATH ?? process.env.PATH].join(delimiter);
		const env = { ...process.env, ...envVars, PULUMI_HOME: pulumiHome, PATH: path };
		return new Promise((resolve) => {
			execFile(program, args, { cwd: workDir, env }, (error, stdout, stderr) =>
				resolve({ status: Number(error?.code ?? 0), printed: `${stdout}${stderr}` }),
			);
		});
	}

	/** The state, with encrypted secrets. */
	async state(options: EngineOptions): Promise<Exported> {
		return (await this.#open(options)).exportStack();
	}

	/** Interrupts the running operation, as Ctrl+C does. */
	interrupt(): void {
		this.#running?.abort();
	}

	/**
	 * Kills the running operation: the CLI only, or the CLI with its plugins, as a crash of the workstation does. The lock
	 * stays. Plugins in Go finish their work when only the CLI is killed.
	 *
	 * @throws Error when no operation runs
	 */
	kill(scope: "cli" | "everything"): void {
		const cli = realpathSync(join(this.#pulumi.home, "bin/pulumi"));
		const running = childrenOf(process.pid).filter((child) => executableOf(child) === cli);
		if (running.length === 0) {
			throw new Error("There is no running operation to kill.");
		}
		for (const victim of scope === "cli" ? running : running.flatMap((pid) => [pid, ...descendantsOf(pid)])) {
			ignoringGone(() => process.kill(victim, "SIGKILL"));
		}
	}

	/** Secrets that the stack's file has already, because setting one costs a call of the CLI. */
	#secretsOf(stack: Stack): Map<string, string> {
		const known = this.#secrets.get(stack) ?? new Map();
		this.#secrets.set(stack, known);
		return known;
	}

	/** Opens a stack once, because opening costs two calls of the CLI. */
	async #open(options: EngineOptions): Promise<Stack> {
		const { stateDirectory, stack, environment } = options;
		const key = JSON.stringify({ stateDirectory, stack, environment });
		let opened = this.#stacks.get(key);
		if (!opened) {
			const { home } = this.#pulumi;
			const command = await PulumiCommand.get({ root: home, skipVersionCheck: true });
			opened = await openStack(options, command, join(home, "plugins"));
			this.#stacks.set(key, opened);
		}
		return opened;
	}

	#configured(options: EngineOptions, operation: Operation): Promise<EngineResult> {
		return this.#run(options, async (stack, settings, events) => {
			await configure(stack, options, this.#secretsOf(stack));
			await operation(stack, settings, events);
		});
	}

	async #run(options: EngineOptions, operation: Operation): Promise<EngineResult> {
		const recorder = new Recorder(options);
		const events = new EventRecorder(recorder);
		this.#running = new AbortController();
		const stack = await this.#open(options);
		// Also those of the same stack that was opened with another environment.
		this.#outputs.clear();
		try {
			await operation(
				stack,
				{
					color: "never",
					target: options.targets,
					expectNoChanges: options.expectNoChanges,
					signal: this.#running.signal,
					onEvent: (event) => {
						events.record(event);
						options.onEvent?.(event);
					},
				},
				events,
			);
			return recorder.result(true);
		} catch (error) {
			if (!(error instanceof CommandError)) {
				throw error;
			}
			// A failure before the engine starts (a missing plugin, a wrong stack file, a lock) creates no event.
			if (!recorder.explainsFailure) {
				recorder.diagnostic("error", explanation(error));
			}
			return recorder.result(false);
		} finally {
			this.#running = undefined;
		}
	}
}

/** The message of the CLI, without the command line and the output that the library adds. */
function explanation({ message }: CommandError): string {
	const [, written = message] = /^error: (.*?)\n err\?: /ms.exec(message) ?? [];
	return written.trim();
}

function childrenOf(pid: number): number[] {
	const threads = ignoringGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
	const children = threads.map((thread) =>
		ignoringGone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")),
	);
	return children.join(" ").split(" ").filter(Boolean).map(Number);
}

function executableOf(pid: number): string | undefined {
	return ignoringGone(() => readlinkSync(`/proc/${pid}/exe`));
}

/** Returns undefined for a process that has ended. */
function ignoringGone<Result>(access: () => Result): Result | undefined {
	try {
		return access();
	} catch (error) {
		if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) {
			return undefined;
		}
		throw error;
	}
}

function descendantsOf(pid: number): number[] {
	return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function policies({ policyPack, policyPackConfig }: EngineOptions) {
	return {
		policyPacks: policyPack ? [policyPack] : undefined,
		policyPackConfigs: policyPackConfig ? [policyPackConfig] : undefined,
	};
}
