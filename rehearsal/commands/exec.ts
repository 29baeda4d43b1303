import { spawn } from "node:child_process";
import { UsageError } from "../../src/commands/command.ts";
import { openNetwork } from "../doubles/network/network.ts";
import { readKeptRun } from "../kept-run.ts";
import { describeRun } from "../run/run.ts";
import type { Command } from "../setup/command.ts";

/** Runs a command in the network of the kept datacenter, with kubectl and helm on PATH. Returns its exit code. */
export async function exec(command: readonly string[]): Promise<number> {
	if (command.length === 0) {
		throw new UsageError("exec needs a command, for example `npm run rehearse -- exec kubectl get nodes`.");
	}
	const kept = await readKeptRun(describeRun().directory);
	return inDatacenter(command, {
		KUBECONFIG: kept.kubeconfig,
		PATH: `${kept.binaries}:${process.env.PATH}`,
	});
}

export function inDatacenter(command: readonly string[], environment: Record<string, string> = {}): Promise<number> {
	const [program, ...args] = openNetwork(describeRun()).enterWithNames(command as Command);
	const child = spawn(program, args, {
		stdio: "inherit",
		env: { ...process.env, ...environment },
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code) => resolve(code ?? 1));
	});
}
