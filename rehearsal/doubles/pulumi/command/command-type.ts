/**
 * The common part of remote.Command and local.Command: when which command runs, and its outputs. It follows pulumi-command (provider/pkg/provider: local and remote `commandController.go`, `commandOutputs.go`), and in previews
 * that of pulumi-go-provider (infer/resource.go).
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ExistingRequest, Request, ResourceType } from "../provider/resource-type.ts";
import { isEqual, isUnknown, type Properties, plain, unknownValue } from "../provider/values.ts";
import { type CommandOutput, OutputCollector } from "./output.ts";

export const commandInputs = {
	create: z.string().optional(),
	/** Without it a change runs `create` again. */
	update: z.string().optional(),
	delete: z.string().optional(),
	stdin: z.string().optional(),
	triggers: z.array(z.unknown()).optional(),
	/** Streams that the engine displays, including secret output. */
	logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).default("stdoutAndStderr"),
};

type CommandInputs = z.output<z.ZodObject<typeof commandInputs>>;

/** One run of a command; all values are plain. */
export interface Run<Inputs> {
	command: string;
	inputs: Inputs;
	/** Output of the last run; empty before the first one. */
	before: CommandOutput;
	collector: OutputCollector;
	signal: AbortSignal;
	status(line: string): void;
}

/** Resolves to an empty text, or to the reason of a failure. */
type Execute<Inputs> = (run: Run<Inputs>) => Promise<string>;

export function commandType<Inputs extends CommandInputs>(
	inputs: z.ZodType<Inputs>,
	complete: ResourceType["complete"],
	execute: Execute<Inputs>,
): ResourceType {
	async function run(request: Request, command: string | undefined, before: CommandOutput): Promise<CommandOutput> {
		if (command === undefined) {
			return before;
		}
		const values = inputs.parse(plain(request.inputs));
		const collector = new OutputCollector(values.logging, request.status);
		const { signal, status } = request;
		const failed = await execute({ command, inputs: values, before, collector, signal, status });
		if (failed) {
			// The message of the real plugin. It contains the command line and all output, so neither may contain a secret.
			throw new Error(`${failed}: running ${JSON.stringify(command)}:\n${collector.combined}`);
		}
		return collector.output;
	}
	return {
		inputs,
		complete,
		// Only when the whole list is added or removed. For other changes the SDK's class sets replaceOnChanges.
		replaceOn: ["triggers"],

		async create(request) {
			const id = `${request.name}${randomBytes(4).toString("hex")}`;
			const output = request.preview
				? unknownOutput
				: await run(request, commandOf(request, "create"), { stdout: "", stderr: "" });
			return { id, outputs: { ...request.inputs, ...output } };
		},

		async update(request) {
			if (request.preview) {
				return { ...request.inputs, ...(mayDiffer(request) ? unknownOutput : outputOf(request.state)) };
			}
			const command = commandOf(request, "update") ?? commandOf(request, "create");
			return { ...request.inputs, ...(await run(request, command, outputOf(request.state))) };
		},

		async delete(request) {
			await run(request, commandOf(request, "delete"), outputOf(request.state));
		},
	};

	/** Only existing inputs are compared: in a preview of an update a new input leaves the outputs known. */
	function mayDiffer({ inputs: after, state }: ExistingRequest): boolean {
		const keys = new Set([...Object.keys(after), ...Object.keys(state)].filter((key) => !(key in unknownOutput)));
		return [...keys].some((key) => isUnknown(after[key]) || (key in state && !isEqual(after[key], state[key])));
	}
}

const unknownOutput: CommandOutput = { stdout: unknownValue, stderr: unknownValue };

function commandOf({ inputs }: Request, operation: "create" | "update" | "delete"): string | undefined {
	return plain(inputs)[operation] as string | undefined;
}

/** `additionalSecretOutputs` makes the engine keep the outputs as secrets. */
function outputOf(state: Properties): CommandOutput {
	const { stdout = "", stderr = "" } = plain(state) as Partial<CommandOutput>;
	return { stdout, stderr };
}
