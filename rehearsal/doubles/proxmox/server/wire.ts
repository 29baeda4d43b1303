import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Access } from "../auth/access.ts";
import { ApiError, messageOf } from "./errors.ts";
import type { PendingFaults } from "./faults.ts";
import { Parameters } from "./parameters.ts";
import { type RecordedRequest, recordRequest } from "./request-log.ts";
import type { Router } from "./router.ts";

interface WireOptions {
	key: string;
	cert: string;
	route: Router;
	/** Throws an ApiError 401 when the header is missing or wrong. */
	authenticate(authorization: string | undefined): Access;
	faults: PendingFaults;
	requests: RecordedRequest[];
}

/** Speaks HTTP as pveproxy does: TLS 1.3, form bodies, `{"data": ...}`, and error messages in the reason phrase. */
export function createApiServer(options: WireOptions): Server {
	return createServer({ key: options.key, cert: options.cert, minVersion: "TLSv1.3" }, (request, response) => {
		serve(request, response, options).catch((error) => response.destroy(error));
	});
}

async function serve(request: IncomingMessage, response: ServerResponse, options: WireOptions): Promise<void> {
	const method = request.method ?? "GET";
	let record: RecordedRequest | undefined;
	try {
		const { path, parameters } = await readRequest(request);
		record = recordRequest(method, path, parameters);
		options.requests.push(record);

		const fault = options.faults.forRequest(method, path);
		if (fault !== undefined && !("status" in fault)) {
			request.socket.destroy();
			return;
		}
		if (fault !== undefined) {
			throw new ApiError(fault.status, fault.message);
		}

		const access = options.authenticate(request.headers.authorization);
		record.user = access.user;
		const handle = options.route(method, path, parameters);
		const data = await handle({ access, parameters });
		record.status = 200;
		send(response, 200, "OK", { data: data ?? null });
	} catch (error) {
		// Proxmox also answers 500 with the message when a handler dies.
		const failure = error instanceof ApiError ? error : new ApiError(500, messageOf(error));
		if (record !== undefined) {
			record.status = failure.status;
		}
		const errors = failure.fields === undefined ? {} : { errors: failure.fields };
		send(response, failure.status, failure.message, { data: null, message: `${failure.message}\n`, ...errors });
	}
}

async function readRequest(request: IncomingMessage): Promise<{ path: string; parameters: Parameters }> {
	const url = new URL(request.url ?? "/", "https://proxmox");
	// Clients send a volume id as `local:import%2Fx.qcow2` or `local:import/x.qcow2`, and a token's UPID with `%21`.
	const path = /^\/api2\/json(\/.*)$/.exec(decodeURIComponent(url.pathname))?.[1];
	if (path === undefined) {
		throw new ApiError(404, `Path '${url.pathname}' not found`);
	}

	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		chunks.push(chunk);
	}
	const body = Buffer.concat(chunks).toString();
	if (body !== "" && !request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
		throw new ApiError(501, `content type '${request.headers["content-type"]}' is not part of this double`);
	}

	const parameters = new Parameters();
	for (const [name, value] of [...url.searchParams, ...new URLSearchParams(body)]) {
		parameters.add(name, value);
	}
	return { path, parameters };
}

function send(response: ServerResponse, status: number, reason: string, answer: unknown): void {
	const body = JSON.stringify(answer);
	// A reason phrase is one line of printable ASCII.
	response.writeHead(status, reason.replace(/[^\x20-\x7e]+/g, " "), {
		"content-type": "application/json;charset=UTF-8",
		"content-length": Buffer.byteLength(body),
		"cache-control": "max-age=0",
	});
	response.end(body);
}
