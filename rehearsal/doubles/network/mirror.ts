/** The mirrors of a closed network: RKE2 releases under /artifacts/, and a Helm chart repository under /charts/. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A fault of one file: `altered` changes one bit, `missing` answers 404, `stalled` never answers. */
export type MirrorFault = "altered" | "missing" | "stalled";

interface MirrorOptions {
	/** Folder that holds `<version>/rke2.linux-amd64.tar.gz`. */
	artifacts: string;
	/** Folder that holds `index.yaml` and the packages it names. */
	charts: string;
	/** Faults by decoded URL path, for example `/charts/index.yaml`. The mirror reads them at every request. */
	faults?: ReadonlyMap<string, MirrorFault>;
}

export interface Mirror {
	/** @param port 0 for any free port; resolves to the port in use */
	listen(address: string, port: number): Promise<number>;
	/** Also ends open connections, including stalled ones. */
	close(): Promise<void>;
}

export function createMirror(options: MirrorOptions): Mirror {
	const server = createServer((request, response) => {
		answer(options, request, response).catch(() => response.destroy());
	});
	return {
		listen: (address, port) =>
			new Promise((resolve, reject) => {
				server.once("error", reject);
				server.listen(port, address, () => {
					const bound = server.address();
					resolve(typeof bound === "object" && bound ? bound.port : port);
				});
			}),
		close: () =>
			new Promise((resolve, reject) => {
				server.close((error) => (error ? reject(error) : resolve()));
				server.closeAllConnections();
			}),
	};
}

async function answer(options: MirrorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (request.method !== "GET" && request.method !== "HEAD") {
		response.writeHead(405, { allow: "GET, HEAD" }).end();
		return;
	}
	const path = decodedPath(request.url ?? "/");
	const fault = path && options.faults?.get(path);
	if (fault === "stalled") {
		return;
	}
	const file = path && fault !== "missing" ? locate(options, path) : undefined;
	const found = file ? await stat(file).catch(() => undefined) : undefined;
	if (!file || !found?.isFile()) {
		response.writeHead(404, { "content-type": "text/plain" }).end(`The mirror has no ${path}.\n`);
		return;
	}
	response.writeHead(200, { "content-type": "application/octet-stream", "content-length": found.size });
	if (request.method === "HEAD") {
		response.end();
	} else if (fault === "altered") {
		await pipeline(createReadStream(file), flipFirstBit(), response);
	} else {
		await pipeline(createReadStream(file), response);
	}
}

/** Returns nothing when the URL cannot be decoded. */
function decodedPath(url: string): string | undefined {
	try {
		return normalize(decodeURIComponent(new URL(url, "http://mirror").pathname));
	} catch {
		return undefined;
	}
}

/** @param path normalized, so that no `..` leads out of a folder */
function locate({ artifacts, charts }: MirrorOptions, path: string): string | undefined {
	const [, mirror, ...rest] = path.split("/");
	const folder = { artifacts, charts }[mirror ?? ""];
	return folder && join(folder, ...rest);
}

function flipFirstBit(): Transform {
	let first = true;
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			if (first) {
				chunk[0]! ^= 1;
				first = false;
			}
			done(null, chunk);
		},
	});
}
