import type { ResourceRule } from "../lib/rule.ts";

/** The image is the operating system of every node: whoever can change it on the way owns them all. */
export const vmImageChecksum: ResourceRule = {
	name: "vm-image-checksum",
	description: "Every image is checked by its digest as it is downloaded.",
	severity: "high",
	evidence: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-14", "SI-7"] },
	remediation: "Set `proxmox.image.sha256` to the digest that the publisher signs.",

	checkResource({ type, name, props }, report) {
		if (!/^proxmoxve:(?:download\/file:File|index\/downloadFileLegacy:)/.test(type)) {
			return;
		}
		const { checksum, checksumAlgorithm } = props as { checksum?: string; checksumAlgorithm?: string };
		if (!/^sha(?:256|384|512)$/.test(checksumAlgorithm ?? "") || !/^[0-9a-f]{64,128}$/.test(checksum ?? "")) {
			report(`Download ${name} is checked by no SHA-2 digest; set checksum and checksumAlgorithm.`);
		}
	},
};
