import type { EngineOptions } from "../engine.ts";
import type { Recorder } from "../recorder.ts";
import { urnOfProvider } from "./graph.ts";
import { limiter } from "./limit.ts";
import type { Policies } from "./policies.ts";
import { type AnyResourceType, type Operation, parseInputs } from "./resource-type.ts";
import type { ResourceState, State } from "./state.ts";
import { plain } from "./wire.ts";

/** Operations of a kind under way at once: the CLI's default on this program's scale. */
const PARALLEL = 16;

export interface Context {
	options: EngineOptions;
	project: string;
	dryRun: boolean;
	state: State;
	recorder: Recorder;
	policies?: Promise<Policies>;
	/** Private scratch space of the resource types. */
	workDirectory: string;
}

/** Something failed before: what is under way finishes, nothing new begins (as the CLI without --continue-on-error). */
export class Stopped extends Error {}

/** What making and deleting resources share: the state that they keep, and whether one of them has failed. */
export class Progress {
	readonly context: Context;
	readonly limit = limiter(PARALLEL);
	/** Resources as the last operation left them: a changed provider is compared with what it was. */
	readonly before: ReadonlyMap<string, ResourceState>;
	#stopped = false;

	constructor(context: Context) {
		this.context = context;
		this.before = new Map(context.state.resources);
	}

	get stopped(): boolean {
		return this.#stopped;
	}

	stop(): void {
		this.#stopped = true;
	}

	/** Throws when something has failed. */
	assertGoing(): void {
		if (this.#stopped) {
			throw new Stopped();
		}
	}

	save(): void {
		if (!this.context.dryRun) {
			this.context.state.save();
		}
	}

	fail(urn: string, error: Error): never {
		if (!(error instanceof Stopped)) {
			this.report(urn, error.message);
		}
		throw error instanceof Stopped ? error : new Stopped(error.message);
	}

	report(urn: string, message: string): void {
		this.stop();
		this.context.recorder.diagnostic("error", message.startsWith(urn) ? message : `${urn}: ${message}`, urn);
	}

	operation(type: AnyResourceType, resource: ResourceState, timeoutSeconds?: number): Operation<unknown> {
		const { options, recorder, state, workDirectory } = this.context;
		const provider = urnOfProvider(resource.provider);
		return {
			urn: resource.urn,
			name: resource.urn.split("::").at(-1)!,
			inputs: parseInputs(type, resource.inputs),
			provider: plain((state.resources.get(provider) ?? this.before.get(provider))?.inputs ?? {}),
			environment: { ...process.env, ...options.environment },
			workDirectory,
			timeoutSeconds,
			log: (severity, message) => recorder.diagnostic(severity, message, resource.urn),
		};
	}
}
