import { fileURLToPath } from "node:url";
import { execute } from "../setup/command.ts";
import type { Run } from "./run.ts";

const script = fileURLToPath(new URL("control-group.sh", import.meta.url));

/** Puts this process into the run's control group. Every process that it starts later belongs to the group too. */
export async function joinRun({ group }: Run): Promise<void> {
	await change("add", `${group}/datacenter`, String(process.pid));
}

/** Ends every process of a control group of the run and removes the group. A group that does not exist is ignored. */
export async function killGroup(group: string): Promise<void> {
	await change("kill", group);
}

async function change(...args: string[]): Promise<void> {
	await execute(["unshare", "--mount", script, ...args]);
}
