import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { ProxmoxClient } from "./client.ts";

const inputs = z.strictObject({
	nodeName: z.string(),
	datastoreId: z.string(),
	contentType: z.enum(["import", "iso"]),
	url: z.url(),
	fileName: z.string(),
	checksum: z.string().optional(),
	checksumAlgorithm: z.enum(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]).optional(),
	overwrite: z.boolean().default(true),
});

type Inputs = z.output<typeof inputs>;

const volumeId = ({ datastoreId, contentType, fileName }: Inputs) => `${datastoreId}:${contentType}/${fileName}`;

/** proxmoxve:download/file:File: a file that the Proxmox host itself downloads. */
export const downloadFile: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["nodeName", "datastoreId", "contentType", "url", "fileName", "checksum", "checksumAlgorithm"],
	keepsOutputs: true,

	async create(operation) {
		const { url, fileName, contentType, checksum, checksumAlgorithm, nodeName, datastoreId } = operation.inputs;
		const client = new ProxmoxClient(operation);
		await client.get(`/nodes/${nodeName}/query-url-metadata`, { url, "verify-certificates": 1 });
		const upid = await client.post<string>(`/nodes/${nodeName}/storage/${datastoreId}/download-url`, {
			node: nodeName,
			storage: datastoreId,
			content: contentType,
			filename: fileName,
			url,
			"verify-certificates": 1,
			checksum,
			"checksum-algorithm": checksumAlgorithm,
		});
		await client.task(nodeName, upid);
		return { id: volumeId(operation.inputs), outputs: { size: await size(client, operation) } };
	},

	async update({ outputs }) {
		return { size: outputs.size ?? null };
	},

	async delete(operation) {
		const { nodeName, datastoreId } = operation.inputs;
		const client = new ProxmoxClient(operation);
		const path = `/nodes/${nodeName}/storage/${datastoreId}/content/${encodeURIComponent(volumeId(operation.inputs))}`;
		await client.delete(path);
	},
};

/** Bytes of the file as the storage lists it. */
async function size(client: ProxmoxClient, { inputs }: Operation<Inputs>): Promise<number> {
	const path = `/nodes/${inputs.nodeName}/storage/${inputs.datastoreId}/content`;
	const files = await client.get<{ volid: string; size: number }[]>(path, { content: inputs.contentType });
	const found = files.find(({ volid }) => volid === volumeId(inputs));
	if (!found) {
		throw new Error(`${volumeId(inputs)} is not on ${inputs.nodeName} after its download.`);
	}
	return found.size;
}
