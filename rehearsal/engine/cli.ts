/** Pulumi's own CLI with its plugins, driven through the SDK's automation API. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandError, type LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { describePulumi, type Pulumi } from "../setup/pulumi/index.ts";
import type { EngineOptions, EngineResult, ImportedResource, StackOutput } from "./engine.ts";
import { EventRecorder } from "./events.ts";
import { Recorder } from "./recorder.ts";
import { configure, openStack } from "./workspace.ts";

/** What all operations of a stack take alike; each takes more. */
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
	/** Standard output, then standard error. */
	printed: string;
}

/** Runs one operation at a time. */
export class PulumiCli {
	/** One line for a person: which CLI and plugins, and where each came from. */
	readonly description: string;
	readonly #pulumi: Pulumi;
	readonly #stacks = new Map<string, Stack>();
	readonly #secrets = new Map<Stack, Map<string, string>>();
	#running: AbortController | undefined;

	constructor(pulumi: Pulumi) {
		this.#pulumi = pulumi;
		this.description = describePulumi(pulumi);
	}

	/** Touches nothing. */
	preview(options: EngineOptions): Promise<EngineResult> {
		const { replace, refresh } = options;
		return this.#configured(options, (stack, settings) =>
			stack.preview({ ...settings, ...policies(options), replace, refresh }),
		);
	}

	up(options: EngineOptions): Promise<EngineResult> {
		const { replace, refresh } = options;
		return this.#configured(options, (stack, settings) =>
			stack.up({ ...settings, ...policies(options), replace, refresh }),
		);
	}

	/** Makes the state what the providers find; changes nothing else. */
	refresh(options: EngineOptions): Promise<EngineResult> {
		return this.#configured(options, (stack, settings) => stack.refresh(settings));
	}

	/**
	 * Previews first where something is protected, as `pulumi destroy` at a terminal always does: otherwise it deletes
	 * everything that depends on a protected resource.
	 */
	destroy(options: EngineOptions): Promise<EngineResult> {
		return this.#run(options, async (stack, settings, events) => {
			const { deployment } = await stack.exportStack();
			if (deployment.resources?.some(({ protect }: { protect?: boolean }) => protect)) {
				await stack.previewDestroy({ ...settings, onEvent: (event) => events.recordDiagnostic(event) });
			}
			await stack.destroy(settings);
		});
	}

	/** Takes over what exists already, as the program declares it from then on. The CLI reports no steps of it. */
	import(options: EngineOptions, resources: readonly ImportedResource[]): Promise<EngineResult> {
		const named = resources.flatMap(({ parent, provider }) => [parent, provider]).filter((urn) => urn !== undefined);
		// The CLI knows parents and providers by names of the caller's choice.
		const nameTable = Object.fromEntries(named.map((urn) => [urn, urn]));
		return this.#configured(options, (stack) =>
			stack.import({ resources: [...resources], nameTable, generateCode: false, protect: false }),
		);
	}

	/** Gives up the lock of an operation that did not end, and what it had begun stays noted in the state. */
	async cancel(options: EngineOptions): Promise<void> {
		await (await this.#open(options)).cancel();
	}

	async outputs(options: EngineOptions): Promise<Record<string, StackOutput>> {
		return (await this.#open(options)).outputs();
	}

	/**
	 * Runs a command of the project that calls the CLI, where a person would call it.
	 *
	 * @param file that Node is to run
	 */
	async command(options: EngineOptions, file: string, ...args: string[]): Promise<CommandResult> {
		const stack = await this.#open(options);
		await configure(stack, options, this.#secretsOf(stack));
		const { envVars = {}, pulumiHome, workDir } = stack.workspace as LocalWorkspace;
		const path = [join(this.#pulumi.home, "bin"), envVars.PATH ?? process.env.PATH].join(delimiter);
		const env = { ...process.env, ...envVars, PULUMI_HOME: pulumiHome, PATH: path };
		return new Promise((resolve) => {
			execFile(process.execPath, [file, ...args], { cwd: workDir, env }, (error, stdout, stderr) =>
				resolve({ status: Number(error?.code ?? 0), printed: `${stdout}${stderr}` }),
			);
		});
	}

	/** The state, secrets encrypted. */
	async state(options: EngineOptions): Promise<unknown> {
		return (await this.#open(options)).exportStack();
	}

	/** Interrupts the operation that runs, as Ctrl+C does. */
	interrupt(): void {
		this.#running?.abort();
	}

	/**
	 * Ends the operation that runs without a warning: the lock stays. The CLI alone, or with its plugins as a crash of the
	 * workstation does it. Plugins in Go finish what they began when the CLI alone is killed.
	 *
	 * @throws when no operation runs
	 */
	kill(what: "cli" | "everything"): void {
		const cli = realpathSync(join(this.#pulumi.home, "bin/pulumi"));
		const running = childrenOf(process.pid).filter((child) => executableOf(child) === cli);
		if (running.length === 0) {
			throw new Error("No operation runs that could be killed.");
		}
		for (const victim of what === "cli" ? running : running.flatMap((pid) => [pid, ...descendantsOf(pid)])) {
			ignoringGone(() => process.kill(victim, "SIGKILL"));
		}
	}

	/** Secrets that the file of the stack has already: setting one takes the CLI a call. */
	#secretsOf(stack: Stack): Map<string, string> {
		const known = this.#secrets.get(stack) ?? new Map();
		this.#secrets.set(stack, known);
		return known;
	}

	/** Opening a stack takes the CLI two calls, so it happens once. */
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
			// Failures before the engine runs (a missing plugin, a bad stack file, a lock) make no event.
			if (!recorder.explainsFailure) {
				recorder.diagnostic("error", explanation(error));
			}
			return recorder.result(false);
		} finally {
			this.#running = undefined;
		}
	}
}

/** What the CLI itself wrote; the library puts the command line and all output around it. */
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

/** A process may end at any moment. */
function ignoringGone<Result>(look: () => Result): Result | undefined {
	try {
		return look();
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
