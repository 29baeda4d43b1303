/** A stack of local commands on one engine, in a directory of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Diagnostic, Engine, EngineOptions, EngineStep } from "../../rehearsal/engine/engine.ts";
import { findEngine } from "../../rehearsal/engine/find.ts";
import type { CommandDescription } from "../fixtures/engine-programs/commands/src/index.ts";

export const commandsProject = projectOf("commands");
export const policyPack = projectOf("policies");
export const brokenPolicyPack = projectOf("broken-policies");

export type Commands = Record<string, CommandDescription>;

/** Every engine of this machine that can run the project; without the CLI that is the embedded host alone. */
export async function enginesFor(project: string): Promise<Engine[]> {
	const best = await findEngine(undefined, project);
	return best.name === "embedded" ? [best] : [await findEngine("embedded", project), best];
}

export function projectOf(program: string): string {
	return fileURLToPath(new URL(`../fixtures/engine-programs/${program}/`, import.meta.url));
}

export class CommandStack {
	readonly directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	readonly diagnostics: Diagnostic[] = [];
	readonly steps: EngineStep[] = [];
	readonly #engine: Engine;
	readonly #policyPack?: string;

	constructor(engine: Engine, policyPack?: string) {
		this.#engine = engine;
		this.#policyPack = policyPack;
		mkdirSync(join(this.directory, "state"));
		writeFileSync(this.#journal, "");
		onTestFinished(() => rmSync(this.directory, { recursive: true }));
	}

	preview(commands: Commands) {
		return this.#engine.preview(this.options(commands));
	}

	up(commands: Commands) {
		return this.#engine.up(this.options(commands));
	}

	destroy() {
		return this.#engine.destroy(this.options({}));
	}

	outputs() {
		return this.#engine.outputs(this.options({}));
	}

	/** Lines that commands wrote with `note` since the last call. */
	takeNotes(): string[] {
		const lines = readFileSync(this.#journal, "utf8").split("\n").filter(Boolean);
		writeFileSync(this.#journal, "");
		return lines;
	}

	options(commands: Commands): EngineOptions {
		return {
			projectDirectory: commandsProject,
			stack: "test",
			stateDirectory: join(this.directory, "state"),
			policyPack: this.#policyPack,
			environment: { JOURNAL: this.#journal },
			config: { "engine-commands:commands": { value: JSON.stringify(commands), secret: true } },
			onStep: (step) => this.steps.push(step),
			onDiagnostic: (diagnostic) => this.diagnostics.push(diagnostic),
		};
	}

	get #journal(): string {
		return join(this.directory, "journal");
	}
}

/** A shell command that leaves a line which `takeNotes` returns. */
export function note(line: string): string {
	return `echo '${line}' >> "$JOURNAL"`;
}

export function urnOf(name: string, type = "command:local:Command"): string {
	return `urn:pulumi:test::engine-commands::${type}::${name}`;
}
