import { downloadName, imageName } from "../../../src/facts/resource-names.ts";
import { addResource, editResource } from "../../lib/examples/resources.ts";
import { differing } from "../../lib/rules/majority.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machineOf } from "../../lib/vm/machines.ts";
import { downloads } from "./image-checksum.ts";

/** What the stack file gives for the images of all hosts at once. `vm-image-checksum` refuses a digest that is left out. */
const ofEveryHost = ["url", "checksum", "checksumAlgorithm", "fileName", "contentType", "datastoreId"] as const;

const example = {
	checksum: "0".repeat(64),
	checksumAlgorithm: "sha256",
	contentType: "import",
	datastoreId: "local",
	fileName: "other.qcow2",
	nodeName: "node01",
	overwrite: false,
	url: "https://images.example/other.img",
};

/**
 * A digest only says that the publisher of the URL and the writer of the program agree. An image that one host has for itself is
 * hidden among the others, and it is the whole operating system of the nodes there. A further download lets the host, which is in
 * the network of the administrators, request any URL.
 */
export const vmOneImage: StackRule = {
	name: "vm-one-image",
	description: "Every host with a machine downloads one image, the same as the others, and no other file.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "4.1", "16.5"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "SI-7"] },
	remediation: "Set `proxmox.image`, which holds for every host, and declare no other download.",
	subject: { plural: "downloads of files", isDeclaredBy: ({ type }) => downloads.includes(type) },
	examples: [
		{
			change: "the image from another URL on one host",
			apply: editResource("proxmoxve:download/file:File", "image-node01", (props) => ({ ...props, url: example.url })),
			sentence:
				"Download image-node01 differs from most others in url; make it equal: proxmox.image holds for every host.",
		},
		{
			change: "one more download on a host",
			apply: addResource("proxmoxve:download/file:File", "image-other", example),
			sentence: "Download image-other is on host node01, whose only download is image-node01; remove it.",
		},
	],

	checkStack(resources, report) {
		const images = resources.filter(({ type }) => downloads.includes(type));
		const hosts = new Set(resources.flatMap((resource) => machineOf(resource)?.nodeName ?? []));
		for (const image of images) {
			const host = String(image.props.nodeName);
			const only = downloadName(imageName, host);
			if (image.name !== only) {
				report(`Download ${image.name} is on host ${host}, whose only download is ${only}; remove it.`, image);
			} else if (!hosts.has(host)) {
				report(`Download ${image.name} is on host ${host}, which runs no machine; remove it.`, image);
			}
		}
		const found = new Map<Resource, string[]>();
		for (const key of ofEveryHost) {
			const given = images.filter(({ props }) => props[key] !== undefined);
			for (const image of differing(given, ({ props }) => String(props[key]))) {
				found.set(image, [...(found.get(image) ?? []), key]);
			}
		}
		for (const [image, keys] of found) {
			report(
				`Download ${image.name} differs from most others in ${keys.join(", ")}; make it equal: proxmox.image holds for every host.`,
				image,
			);
		}
	},
};
