/** Starts the SDK's own runners: Node processes of the project, whose output becomes diagnostics. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

interface NodeProcess {
	child: ChildProcess;
	/** Exit code, or -1 when a signal ended it. */
	ended: Promise<number>;
}

/** @param runner Module of @pulumi/pulumi as the directory resolves it, e.g. `cmd/run`. */
export function startRunner(
	runner: string,
	args: string[],
	directory: string,
	environment: NodeJS.ProcessEnv,
	onLine: (line: string, stream: "stdout" | "stderr") => void,
): NodeProcess {
	const path = createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/${runner}`);
	const child = spawn(process.execPath, [path, ...args], {
		cwd: directory,
		env: environment,
		stdio: ["ignore", "pipe", "pipe"],
	});
	createInterface({ input: child.stdout }).on("line", (line) => onLine(line, "stdout"));
	createInterface({ input: child.stderr }).on("line", (line) => onLine(line, "stderr"));
	return { child, ended: once(child, "close").then(([code]) => (code as number | null) ?? -1) };
}
