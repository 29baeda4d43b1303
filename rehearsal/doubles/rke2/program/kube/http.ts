import { Agent, request } from "node:https";

export interface TlsOptions {
	ca?: string;
	cert?: string;
	key?: string;
	/** `false` only for the request that fetches the authority. */
	rejectUnauthorized?: boolean;
}

interface HttpRequest {
	method: string;
	url: string;
	headers?: Record<string, string>;
	body?: string;
	/** Milliseconds until the request fails. */
	timeout?: number;
}

interface HttpResponse {
	status: number;
	body: string;
}

export type HttpClient = (request: HttpRequest) => Promise<HttpResponse>;

const timeoutMs = 10_000;

/** An HTTPS client that keeps its connections. It resolves for any status, and rejects when there is no answer. */
export function httpsClient(tls: TlsOptions): HttpClient {
	const agent = new Agent({ keepAlive: true, maxSockets: 8, ...tls });
	return ({ method, url, headers = {}, body, timeout = timeoutMs }) =>
		new Promise((resolve, reject) => {
			const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
			const exchange = request(
				url,
				{ method, agent, headers: { ...headers, ...length }, signal: AbortSignal.timeout(timeout) },
				(response) => {
					const chunks: Buffer[] = [];
					response.on("data", (chunk: Buffer) => chunks.push(chunk));
					response.on("end", () =>
						resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
					);
					response.on("error", reject);
				},
			);
			exchange.on("error", (error) => reject(new Error(`${method} ${new URL(url).host}: ${error.message}`)));
			exchange.end(body);
		});
}
