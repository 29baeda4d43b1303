import { machineOf } from "../lib/machines.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Files on the host hold what they like, out of sight of every rule. */
const snippets = ["userDataFileId", "vendorDataFileId", "metaDataFileId", "networkDataFileId"] as const;

/** The cloud-init drive stays attached, and holds the password's hash for whoever can read the machine's disks. */
export const vmNoPassword: ResourceRule = {
	name: "vm-no-password",
	description: "Cloud-init lets people in by SSH key only, and says so where it can be read.",
	severity: "high",
	evidence: { cisControls: ["4.1", "5.2"], iso27001: ["A.5.17", "A.8.5"], nist80053: ["IA-2", "IA-5"] },
	remediation: "Remove `initialization.userAccount.password` and list public keys in `ssh.authorizedKeys`.",

	checkResource(resource, report) {
		const { initialization } = machineOf(resource) ?? {};
		if (initialization?.userAccount?.password) {
			report(`Machine ${resource.name} sets a password in cloud-init; remove it and give SSH keys.`);
		}
		for (const field of snippets.filter((candidate) => initialization?.[candidate])) {
			report(`Machine ${resource.name} takes its cloud-init from a file on the host; remove ${field} and give keys.`);
		}
	},
};
