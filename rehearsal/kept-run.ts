/** The record of a kept run (`--keep`), which `exec` and `ssh` read. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StackConfig } from "../src/config/schema/stack.ts";

interface KeptRun {
	/** Directory with kubectl and helm. */
	binaries: string;
	kubeconfig: string;
	/** Private key of the rehearsal's login on the nodes. */
	identity: string;
	stack: StackConfig;
}

const fileName = "kept.json";

export async function writeKeptRun(runDirectory: string, kept: KeptRun): Promise<void> {
	await writeFile(join(runDirectory, fileName), JSON.stringify(kept), { mode: 0o600 });
}

/** @throws Error when there is no kept run */
export async function readKeptRun(runDirectory: string): Promise<KeptRun> {
	try {
		return JSON.parse(await readFile(join(runDirectory, fileName), "utf8"));
	} catch {
		throw new Error("No rehearsal is running. `npm run rehearse -- --keep` starts one and keeps it.");
	}
}
