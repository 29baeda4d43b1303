/** command:local:Command: pulumi-command, provider/pkg/provider/local/commandOutputs.go. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { commandInputs, commandType } from "./command-type.ts";
import type { CommandOutput } from "./output.ts";

const inputs = z.strictObject({
	...commandInputs,
	addPreviousOutputInEnv: z.boolean().default(true),
	environment: z.record(z.string(), z.string()).default({}),
});

/** Go's names of the signals that end commands (package syscall). */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
	SIGHUP: "hangup",
	SIGINT: "interrupt",
	SIGKILL: "killed",
	SIGTERM: "terminated",
};

export const localCommand = commandType(
	inputs,
	(given) => given,
	async ({ command, inputs, before, collector, signal }) => {
		if (signal.aborted) {
			return "context canceled";
		}
		const child = spawn("/bin/sh", ["-c", command], {
			env: { ...process.env, ...inputs.environment, ...(inputs.addPreviousOutputInEnv ? previousOutput(before) : {}) },
		});
		// Go's exec.CommandContext kills only the shell. Its children continue, and the operation waits until they close the
		// shell's output.
		const kill = () => child.kill("SIGKILL");
		signal.addEventListener("abort", kill);
		collector.attach("stdout", child.stdout);
		collector.attach("stderr", child.stderr);
		// A command that does not read its input closes the pipe, which is no failure.
		child.stdin.on("error", () => {});
		child.stdin.end(inputs.stdin ?? "");
		const [code, ended] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
		signal.removeEventListener("abort", kill);
		if (ended) {
			return `signal: ${signalNames[ended] ?? ended}`;
		}
		return code === 0 ? "" : `exit status ${code}`;
	},
);

function previousOutput({ stdout, stderr }: CommandOutput): NodeJS.ProcessEnv {
	return {
		...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
		...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
	};
}
