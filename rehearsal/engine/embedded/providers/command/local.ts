/** command:local:Command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { commandInputs, newId } from "./inputs.ts";
import { type CommandOutput, failure, OutputCollector, previousOutput } from "./output.ts";

const inputs = z.strictObject({
	...commandInputs,
	addPreviousOutputInEnv: z.boolean().default(true),
	environment: z.record(z.string(), z.string()).default({}),
	dir: z.string().optional(),
	interpreter: z.array(z.string()).min(1).default(["/bin/sh", "-c"]),
});

type Inputs = z.output<typeof inputs>;

export const localCommand: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["triggers"],
	keepsOutputs: false,

	async create(operation) {
		return { id: newId(operation.name), outputs: await run(operation, operation.inputs.create, {}) };
	},

	async update(operation) {
		return run(operation, operation.inputs.update ?? operation.inputs.create, operation.outputs);
	},

	async delete(operation) {
		await run(operation, operation.inputs.delete, operation.outputs);
	},
};

async function run(
	{ inputs, environment, log }: Operation<Inputs>,
	command: string | undefined,
	before: Partial<CommandOutput>,
): Promise<CommandOutput> {
	if (command === undefined) return { stdout: "", stderr: "", ...before };
	const [program, ...options] = inputs.interpreter;
	const child = spawn(program!, [...options, command], {
		cwd: inputs.dir,
		env: { ...environment, ...inputs.environment, ...(inputs.addPreviousOutputInEnv ? previousOutput(before) : {}) },
	});
	const collector = new OutputCollector(inputs.logging, (line) => log("info", line));
	collector.attach("stdout", child.stdout);
	collector.attach("stderr", child.stderr);
	// A command that does not read its input closes the pipe: that is no failure of ours.
	child.stdin.on("error", () => {});
	child.stdin.end(inputs.stdin ?? "");
	const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
	if (code !== 0)
		throw failure(code === null ? `signal: ${signal}` : `exit status ${code}`, command, collector.combined);
	return collector.output;
}
