import { readKeptRun } from "../kept-run.ts";
import { describeRun } from "../run/run.ts";
import { sshArguments } from "../session/ssh.ts";
import { inDatacenter } from "./exec.ts";

/** Logs in on a node of the kept datacenter, or runs a command there. Returns the exit code. */
export async function ssh([node, ...command]: readonly string[]): Promise<number> {
	const kept = await readKeptRun(describeRun().directory);
	if (node === undefined) {
		throw new Error(`ssh needs the name of a node: ${Object.keys(kept.stack.nodes).join(", ")}.`);
	}
	return inDatacenter(["ssh", ...sshArguments(kept.stack, node, kept.identity), ...command]);
}
