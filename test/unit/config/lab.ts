import { readFileSync } from "node:fs";
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

/** RFC 7396: objects merge, null deletes, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
	if (!isObject(patch)) {
		return patch;
	}
	const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) {
			delete result[key];
		} else {
			result[key] = mergePatch(result[key], value);
		}
	}
	return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
