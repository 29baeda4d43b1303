/** A stack file as the pack's commands read it. */
import { readFileSync } from "node:fs";
import { readStackFile } from "../../src/config/stack-file.ts";

/** What only an administrator can vouch for. No policy depends on which digest it is. */
const digest = "0".repeat(64);

/**
 * Values of a stack file, with stand-ins for the two checksums where they are not in it: a preview for policies downloads
 * nothing.
 */
export function stackValues(path: string): Record<string, unknown> {
	const { values } = readStackFile(readFileSync(path, "utf8"), "rke2-lab") as {
		values: Record<string, unknown> & {
			cluster?: { artifacts?: { sha256?: string } };
			proxmox?: { image?: { sha256?: string } };
		};
	};
	const { cluster, proxmox } = values;
	return {
		...values,
		...(cluster && { cluster: { ...cluster, artifacts: { sha256: digest, ...cluster.artifacts } } }),
		...(proxmox && { proxmox: { ...proxmox, image: { sha256: digest, ...proxmox.image } } }),
	};
}
