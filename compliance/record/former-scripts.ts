/** The scripts that a resource may have from an earlier version of the program, because it ignores changes of its input. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type FormerScript, formerScriptsFile } from "../../policies/lib/record/own-scripts.ts";

/** Scripts in an input whose changes a resource ignores (components/cluster/host-key.ts, kubeconfig.ts). */
const kept = ["admin-kubeconfig.sh", "agent-host-key.sh", "bastion.sh", "host-key.sh"];

const scripts = new URL("../../src/rke2/scripts/", import.meta.url);

/** The versions of each script that are recorded already, and the one of this program. */
export function withCurrentScripts(): Record<string, FormerScript[]> {
	const recorded: Record<string, FormerScript[]> = existsSync(formerScriptsFile)
		? JSON.parse(readFileSync(formerScriptsFile, "utf8"))
		: {};
	return Object.fromEntries(
		kept.map((name) => {
			const former = recorded[name] ?? [];
			const current = versionOf(readFileSync(new URL(name, scripts), "utf8"));
			return [name, former.some(({ sha256 }) => sha256 === current.sha256) ? former : [...former, current]];
		}),
	);
}

function versionOf(text: string): FormerScript {
	return { sha256: createHash("sha256").update(text).digest("hex"), length: text.length };
}
