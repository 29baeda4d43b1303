import type { Access } from "../auth/access.ts";
import type { CatalogueEntry, ChecksumAlgorithm } from "../descriptions.ts";
import { die, invalidParameters, permissionDenied } from "../server/errors.ts";
import type { Parameters } from "../server/parameters.ts";
import type { Route } from "../server/router.ts";
import { GiB } from "../sizes.ts";
import type { TaskLog, Tasks } from "../tasks.ts";
import type { Volumes } from "./volumes.ts";

const contents = ["iso", "vztmpl", "import"] as const;
const algorithms = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;

/** Routes of downloads. The catalogue replaces the internet. */
export function imageRoutes(volumes: Volumes, tasks: Tasks, catalogue: CatalogueEntry[]): Route[] {
	const lookUp = (url: string): CatalogueEntry | undefined => catalogue.find((entry) => entry.url === url);
	return [
		{
			method: "GET",
			path: "/nodes/{node}/query-url-metadata",
			handle({ access, parameters }) {
				requireNetworkAccess(access, parameters.required("node"));
				const url = parameters.required("url");
				const entry = lookUp(url) ?? die("invalid server response: '404 Not Found'");
				const filename = new URL(url).pathname.split("/").at(-1);
				return { filename, size: entry.sizeBytes, mimetype: "application/octet-stream" };
			},
		},
		{
			method: "POST",
			path: "/nodes/{node}/storage/{storage}/download-url",
			handle({ access, parameters }) {
				const host = parameters.required("node");
				const storageName = parameters.required("storage");
				access.require(`/storage/${storageName}`, "Datastore.AllocateTemplate");
				requireNetworkAccess(access, host);
				const storage = volumes.storage(host, storageName);
				const content = oneOf(parameters, "content", contents);
				const filename = parameters.required("filename");
				const url = parameters.required("url");
				const checksum = expectedChecksum(parameters);
				if (storage.type !== "dir") {
					die(`can't upload to storage type '${storage.type}', not a file based storage!`);
				}
				if (!storage.content.includes(content)) {
					die(`storage '${storageName}' is not configured for content-type '${content}'`);
				}
				const format = formatOf(content, filename);

				const id = `${storageName}:${content}/${filename}`;
				const work = (log: TaskLog): void => {
					log.info(`downloading ${url} to ${id}`);
					const existing = volumes.find(host, id);
					if (existing !== undefined && checksum === undefined) {
						die(`refusing to override existing file '${id}'`);
					}
					if (existing?.source !== undefined && checksum !== undefined) {
						verify(existing.source, checksum, ", aborting");
						log.info("OK, got correct file already, no need to download");
						return;
					}
					const entry = lookUp(url) ?? die("download failed: exit code 8");
					if (checksum !== undefined) {
						verify(entry, checksum, "");
					}
					if (volumes.usedBytes(host, storageName) + entry.sizeBytes > storage.sizeGiB * GiB) {
						die("download failed: No space left on device");
					}
					volumes.add({
						host,
						storage: storageName,
						id,
						content,
						format,
						sizeBytes: entry.sizeBytes,
						virtualSizeBytes: entry.virtualSizeBytes ?? entry.sizeBytes,
						bootable: true,
						source: entry,
					});
				};
				return tasks.start({ host, type: "download", id: filename, user: access.user, work });
			},
		},
	];
}

/** A privilege is needed, because a caller could use the host to probe its network. */
function requireNetworkAccess(access: Access, host: string): void {
	const allowed =
		access.has(`/nodes/${host}`, "Sys.AccessNetwork") ||
		(access.has("/", "Sys.Audit") && access.has("/", "Sys.Modify"));
	if (!allowed) {
		permissionDenied();
	}
}

interface Checksum {
	algorithm: ChecksumAlgorithm;
	value: string;
}

function expectedChecksum(parameters: Parameters): Checksum | undefined {
	const value = parameters.optional("checksum");
	if (value === undefined) {
		return undefined;
	}
	return { algorithm: oneOf(parameters, "checksum-algorithm", algorithms), value };
}

function verify(entry: CatalogueEntry, expected: Checksum, consequence: string): void {
	const got = entry.checksums[expected.algorithm];
	if (got === undefined) {
		die(`the catalogue of this double has no ${expected.algorithm} of '${entry.url}'`);
	}
	if (got.toLowerCase() !== expected.value.toLowerCase()) {
		die(`checksum mismatch: got '${got}' != expect '${expected.value}'${consequence}`);
	}
}

function formatOf(content: (typeof contents)[number], filename: string): string {
	const extensions = { iso: /\.(iso|img)$/i, vztmpl: /\.tar\.(gz|xz|zst)$/i, import: /\.(ova|qcow2|raw|vmdk)$/ };
	const extension = extensions[content].exec(filename)?.[1];
	if (extension === undefined) {
		invalidParameters({ filename: "invalid filename or wrong extension" });
	}
	return extension;
}

function oneOf<T extends string>(parameters: Parameters, name: string, allowed: readonly T[]): T {
	const value = parameters.required(name);
	return (
		allowed.find((candidate) => candidate === value) ??
		invalidParameters({ [name]: `value '${value}' does not have a value in the enumeration '${allowed.join(", ")}'` })
	);
}
