import { readFileSync } from "node:fs";
import { mergePatch } from "../../../rehearsal/stack/merge-patch.ts";
import { readStackFile } from "../../../src/config/stack-file.ts";

/** What an administrator adds to the lab's stack file; any digest serves where nothing is downloaded. */
const additions = {
	cluster: { artifacts: { sha256: "a".repeat(64) } },
	proxmox: { image: { sha256: "b".repeat(64) } },
};

/** The lab's stack file as it reads once the administrator has added the checksums. */
export function labValues(): Record<string, unknown> {
	const text = readFileSync(new URL("../../../Pulumi.lab.yaml", import.meta.url), "utf8");
	return mergePatch(readStackFile(text, "rke2-lab").values, additions) as Record<string, unknown>;
}
