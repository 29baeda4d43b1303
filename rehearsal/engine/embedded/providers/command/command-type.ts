/** What remote.Command and local.Command do alike: which command runs when, and what becomes of its output. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { type CommandOutput, failure, OutputCollector } from "./output.ts";

export const commandInputs = {
	create: z.string().optional(),
	/** Without it a change runs `create` again. */
	update: z.string().optional(),
	delete: z.string().optional(),
	stdin: z.string().optional(),
	triggers: z.array(z.unknown()).optional(),
	/** What reaches the log as it is printed; a secret output does too. */
	logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).default("stdoutAndStderr"),
};

type CommandInputs = z.output<z.ZodObject<typeof commandInputs>>;

/** @returns how the command ended when it failed, else nothing */
type Execute<Inputs> = (
	command: string,
	operation: Operation<Inputs>,
	collector: OutputCollector,
	before: Partial<CommandOutput>,
) => Promise<string>;

export function commandType<Inputs extends CommandInputs>(
	inputs: z.ZodType<Inputs>,
	execute: Execute<Inputs>,
): ResourceType<Inputs> {
	const run = async (
		operation: Operation<Inputs>,
		command: string | undefined,
		before: Partial<CommandOutput>,
	): Promise<CommandOutput> => {
		if (command === undefined) {
			return { stdout: "", stderr: "", ...before };
		}
		const collector = new OutputCollector(operation.inputs.logging, (line) => operation.log("info", line));
		const status = await execute(command, operation, collector, before);
		if (status) {
			throw failure(status, command, collector.combined);
		}
		return collector.output;
	};
	return {
		inputs,
		// Always, whatever the plugin's documentation says of `update`.
		replaceOn: ["triggers"],
		// Any change makes all outputs unknown in a preview.
		keepsOutputs: false,

		async create(operation) {
			const id = `${operation.name}${randomBytes(4).toString("hex")}`;
			return { id, outputs: await run(operation, operation.inputs.create, {}) };
		},

		async update(operation) {
			return run(operation, operation.inputs.update ?? operation.inputs.create, operation.outputs);
		},

		async delete(operation) {
			await run(operation, operation.inputs.delete, operation.outputs);
		},
	};
}
