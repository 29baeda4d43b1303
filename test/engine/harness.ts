/** A stack of local commands, in a directory of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { PulumiCli } from "../../rehearsal/engine/cli.ts";
import type { Diagnostic, EngineOptions, EngineStep } from "../../rehearsal/engine/engine.ts";
import { setUpPulumi } from "../../rehearsal/setup/pulumi/index.ts";
import type { CommandDescription } from "../fixtures/engine-programs/commands/src/index.ts";

export const commandsProject = projectOf("commands");
export const policyPack = projectOf("policies");
export const brokenPolicyPack = projectOf("broken-policies");

export type Commands = Record<string, CommandDescription>;

const brought = await setUpPulumi(() => undefined);

/** The CLI and the plugins that the set-up brings. */
export const pulumi = new PulumiCli(brought);
/** PULUMI_HOME of them. */
export const { home } = brought;

export function projectOf(program: string): string {
	return fileURLToPath(new URL(`../fixtures/engine-programs/${program}/`, import.meta.url));
}

export class CommandStack {
	readonly directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	readonly diagnostics: Diagnostic[] = [];
	readonly steps: EngineStep[] = [];
	readonly #policyPack?: string;

	constructor(policyPack?: string) {
		this.#policyPack = policyPack;
		mkdirSync(join(this.directory, "state"));
		writeFileSync(this.#journal, "");
		onTestFinished(() => rmSync(this.directory, { recursive: true }));
	}

	preview(commands: Commands) {
		return pulumi.preview(this.options(commands));
	}

	up(commands: Commands) {
		return pulumi.up(this.options(commands));
	}

	destroy() {
		return pulumi.destroy(this.options({}));
	}

	outputs() {
		return pulumi.outputs(this.options({}));
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
