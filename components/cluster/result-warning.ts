import * as pulumi from "@pulumi/pulumi";
import { withoutRestartTime } from "../../src/rke2/restart-time.ts";

/**
 * Prints the standard output of a script as a warning: findings of preflight.sh on a member, a size that is pending in Proxmox
 * and a snapshot that is not in the S3 store (converge.sh), not how long a restart took. Bind the hook to the script's command. It runs
 * only after the command has run, so that no warning is repeated from the state. The CLI shows a command's own output only while it runs.
 *
 * @param name unique in the program
 */
export function warnOfResult(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newOutputs }) => {
		const { stdout } = newOutputs ?? {};
		const sentences = typeof stdout === "string" ? withoutRestartTime(stdout) : "";
		if (sentences !== "") {
			await pulumi.log.warn(sentences);
		}
	});
}
