import { editAccount, editCloudInit } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** Inputs that name a file on the host. No rule sees the content of such a file. */
const snippets = ["userDataFileId", "vendorDataFileId", "metaDataFileId", "networkDataFileId"] as const;

/** The cloud-init drive stays attached and holds the password's hash: every reader of the machine's disks gets it. */
export const vmNoPassword = machineRule({
	name: "vm-no-password",
	description: "Cloud-init allows a login by SSH key only, and takes no settings from a file on the host.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1", "5.2"], iso27001: ["A.5.17", "A.8.5"], nist80053: ["IA-2", "IA-5"] },
	remediation: "Remove `initialization.userAccount.password` and list public keys in `ssh.authorizedKeys`.",
	examples: [
		{
			change: "a password for the account of a worker",
			apply: editAccount("proj-k8sw01", { password: "hunter2" }),
			sentence: "Machine proj-k8sw01 sets a password in cloud-init; remove it and give SSH keys.",
		},
		{
			change: "vendor data from a file on the host beside the account of a worker",
			apply: editCloudInit("proj-k8sw01", { vendorDataFileId: "local:snippets/vendor.yaml" }),
			sentence:
				"Machine proj-k8sw01 takes its cloud-init from a file on the host; remove vendorDataFileId and give SSH keys.",
		},
	],

	check({ initialization }, report, { name }) {
		if (initialization?.userAccount?.password) {
			report(`Machine ${name} sets a password in cloud-init; remove it and give SSH keys.`);
		}
		for (const field of snippets.filter((candidate) => initialization?.[candidate])) {
			report(`Machine ${name} takes its cloud-init from a file on the host; remove ${field} and give SSH keys.`);
		}
	},
});
