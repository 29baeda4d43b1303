import { File } from "@muhlba91/pulumi-proxmoxve/download/file.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { downloadName } from "../../src/facts/resource-names.ts";

export interface CloudImageArgs {
	image: StackConfig["proxmox"]["image"];
	/** Storage with the content type `import`, under the same name on every host. */
	datastore: string;
	/** Proxmox hosts that run VMs. Their storages are not shared, so that each host downloads the image once. */
	hosts: string[];
}

/**
 * The operating system image of the nodes, on every host with a node.
 *
 * Proxmox itself downloads it and checks the digest: this needs no SSH to a host and no snippet.
 * https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/storage/{storage}/download-url
 */
export class CloudImage extends pulumi.ComponentResource {
	/** The download on each host, by host. */
	readonly files: Readonly<Record<string, File>>;
	/** Volume that a disk imports. Known at preview, unlike the id of the file. */
	readonly volumeId: string;

	constructor(name: string, args: CloudImageArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:CloudImage", name, {}, opts);
		this.volumeId = `${args.datastore}:import/${args.image.fileName}`;
		this.files = Object.fromEntries(
			args.hosts.map((host) => [
				host,
				new File(
					downloadName(name, host),
					{
						nodeName: host,
						datastoreId: args.datastore,
						contentType: "import",
						url: args.image.url,
						fileName: args.image.fileName,
						checksum: args.image.sha256,
						checksumAlgorithm: "sha256",
						// Otherwise every refresh reads the size from the image's server, and a changed size replaces the image.
						overwrite: false,
					},
					// Another image, or the same one from another URL, often has the same file name. Proxmox refuses to download over a
					// file with another digest; with the same digest, deleting the old resource later would delete the new file.
					{ parent: this, deleteBeforeReplace: true },
				),
			]),
		);
		this.registerOutputs({ volumeId: this.volumeId });
	}
}
