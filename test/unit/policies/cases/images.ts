/** Rules about the images of several hosts. */
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const image = (host: string, changes: object = {}, name = `image-${host}`): Given => ({
	type: "proxmoxve:download/file:File",
	name,
	props: {
		checksum: "a".repeat(64),
		checksumAlgorithm: "sha256",
		contentType: "import",
		datastoreId: "local",
		fileName: "noble.qcow2",
		nodeName: host,
		url: "https://images.example/noble.img",
		...changes,
	},
});
const hosts = ["node01", "node02", "node03"];
const onHosts = hosts.map(
	(nodeName, index): Given => ({
		type: "proxmoxve:index/vmLegacy:VmLegacy",
		name: `worker-${index}`,
		props: { nodeName },
	}),
);
const unlike = (keys: string) =>
	`image-node02: Download image-node02 differs from most others in ${keys}; make it equal: proxmox.image holds for every host.`;

export const imageCases: CaseTable = {
	"vm-one-image": {
		accepts: {
			"the same image on every host": [...onHosts, ...hosts.map((host) => image(host))],
			"a digest that is left out, which is another rule's subject": [
				...onHosts,
				...hosts.map((host) => image(host, host === "node02" ? { checksum: undefined } : {})),
			],
			"machines without downloads": onHosts,
		},
		refuses: {
			"another URL and digest on one host": [
				[
					...onHosts,
					...hosts.map((host) =>
						image(host, host === "node02" ? { url: "https://m.example/x", checksum: "b".repeat(64) } : {}),
					),
				],
				unlike("url, checksum"),
			],
			"another kind of file on one host": [
				[...onHosts, ...hosts.map((host) => image(host, host === "node02" ? { contentType: "iso" } : {}))],
				unlike("contentType"),
			],
			"a further download": [
				[...onHosts, image("node01"), image("node01", {}, "image-evil")],
				"image-evil: Download image-evil is on host node01, whose only download is image-node01; remove it.",
			],
			"a download on a host without a machine": [
				[...onHosts, image("node09")],
				"image-node09: Download image-node09 is on host node09, which runs no machine; remove it.",
			],
		},
	},
};
