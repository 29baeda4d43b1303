import { UsageError } from "../../src/commands/command.ts";
import { readKeptRun } from "../kept-run.ts";
import { describeRun } from "../run/run.ts";
import { sshArguments } from "../session/ssh.ts";
import { inDatacenter } from "./exec.ts";

/** Logs in on a node of the kept datacenter, or runs a command there. Returns the exit code. */
export async function ssh([node, ...command]: readonly string[]): Promise<number> {
	if (node === undefined) {
		throw new UsageError("ssh needs the name of a node");
	}
	const kept = await readKeptRun(describeRun().directory);
	return inDatacenter(["ssh", ...sshArguments(kept.stack, node, kept.identity), ...command]);
}
