/** command:local:Command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { commandInputs, commandType } from "./command-type.ts";
import { previousOutput } from "./output.ts";

const inputs = z.strictObject({
	...commandInputs,
	addPreviousOutputInEnv: z.boolean().default(true),
	environment: z.record(z.string(), z.string()).default({}),
});

export const localCommand = commandType(inputs, async (command, { inputs, environment }, collector, before) => {
	const child = spawn("/bin/sh", ["-c", command], {
		env: { ...environment, ...inputs.environment, ...(inputs.addPreviousOutputInEnv ? previousOutput(before) : {}) },
	});
	collector.attach("stdout", child.stdout);
	collector.attach("stderr", child.stderr);
	// A command that does not read its input closes the pipe: that is no failure of ours.
	child.stdin.on("error", () => {});
	child.stdin.end(inputs.stdin ?? "");
	const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
	if (code === 0) {
		return "";
	}
	return code === null ? `signal: ${signal}` : `exit status ${code}`;
});
