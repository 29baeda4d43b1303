/** What an administrator does after a kill, as docs/operations/interrupted-run.md says. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "../../project.ts";
import type { Rehearsal } from "../../rehearsal.ts";
import { projectName } from "../../stack/stack.ts";
import type { ScenarioCluster } from "./cluster.ts";

/** Releases the lock of the killed operation. */
export async function release(rehearsal: Rehearsal): Promise<void> {
	try {
		await rehearsal.cancel();
	} catch (error) {
		if (!String(error).includes("failed to load checkpoint")) {
			throw error;
		}
		await takeFormerState(rehearsal);
		await rehearsal.cancel();
	}
}

/** The kill came while the CLI wrote the state. It keeps the one of the checkpoint before beside it. */
async function takeFormerState({ run, stackName }: Rehearsal): Promise<void> {
	const file = join(run.directory, "engine/.pulumi/stacks", projectName(project), `${stackName}.json.zst`);
	await copyFile(`${file}.bak`, file);
	await copyFile(`${file}.bak.attrs`, `${file}.attrs`);
}

/**
 * The state does not have the last thing that Proxmox did before the kill.
 *
 * @param complaint the errors of the `up` after the kill
 * @returns whether there was something to do, so that the next `up` goes on
 */
export async function repair(cluster: ScenarioCluster, complaint: string): Promise<boolean> {
	const deleted = /^(proj-k8s[mw]0\d): .*(\n.*)*?Configuration file 'nodes\/\S+\.conf' does not exist/m.exec(complaint);
	if (deleted) {
		await cluster.rehearsal.refresh({ targets: [`**::${deleted[1]}`] });
		return true;
	}
	const created = /^(proj-k8s[mw]0\d): .*(\n.*)*?already exists/m.exec(complaint);
	if (created) {
		await cluster.deleteMachine(created[1]!);
		return true;
	}
	return false;
}
