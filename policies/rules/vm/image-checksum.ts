import { editResource } from "../../lib/examples/resources.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";

/** Hexadecimal digits of a digest, by its algorithm. */
const lengths: ReadonlyMap<string, number> = new Map([
	["sha256", 64],
	["sha384", 96],
	["sha512", 128],
]);

interface Digest {
	checksum?: string;
	checksumAlgorithm?: string;
}

/** Files that a Proxmox host downloads itself. */
export const downloads = ["proxmoxve:download/file:File", "proxmoxve:download/fileLegacy:FileLegacy"];

/** A file that the provider downloads on the workstation and uploads. It supports no digest but SHA-256. */
const upload = "proxmoxve:index/fileLegacy:FileLegacy";

/** The image is the operating system of every node: an attacker who changes it on the way controls them all. */
export const vmImageChecksum: ResourceRule = {
	name: "vm-image-checksum",
	description: "The digest of every image is checked at its download.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-14", "SI-7"] },
	remediation: "Set `proxmox.image.sha256` to the digest that the publisher signs.",
	subject: {
		plural: "downloads and uploads of files",
		isDeclaredBy: ({ type }) => type === upload || downloads.includes(type),
	},
	examples: [
		{
			change: "an image without a digest",
			apply: editResource("proxmoxve:download/file:File", "image-node01", ({ checksum, ...props }) => props),
			sentence: "Download image-node01 has no SHA-2 digest; set checksum and checksumAlgorithm.",
		},
	],

	checkResource({ type, name, props }, report) {
		if (downloads.includes(type)) {
			if (!isDigest(props as Digest)) {
				report(`Download ${name} has no SHA-2 digest; set checksum and checksumAlgorithm.`);
			}
		}
		if (type === upload) {
			const { path = "", checksum } = (props as { sourceFile?: Digest & { path?: string } }).sourceFile ?? {};
			if (/^https?:/i.test(path) && !isDigest({ checksum, checksumAlgorithm: "sha256" })) {
				report(`Upload ${name} of a file from a URL has no digest; set sourceFile.checksum.`);
			}
		}
	},
};

function isDigest({ checksum = "", checksumAlgorithm = "" }: Digest): boolean {
	return /^[0-9a-f]+$/i.test(checksum) && checksum.length === lengths.get(checksumAlgorithm);
}
