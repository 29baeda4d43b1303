import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "../../project.ts";
import type { Rehearsal } from "../../rehearsal.ts";
import { projectName } from "../../stack/stack.ts";

/** Releases the lock of an operation that was killed, as docs/operations/interrupted-run.md says. */
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
