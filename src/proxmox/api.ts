/** Reads the API of Proxmox VE with an API token, as the provider of the program does: TLS 1.3, authorities of the system, its proxy. */
import { getCACertificates } from "node:tls";
import { type Agent, interceptors, request } from "undici";
import { connections } from "../workstation/connections.ts";
import type { Environment } from "../workstation/proxy.ts";

/** Proxmox answered with an error; the message is its reason. */
export class ProxmoxRefusal extends Error {
	readonly status: number;

	constructor(status: number, reason: string) {
		super(reason);
		this.status = status;
	}
}

/** No answer came. */
export class NoConnection extends Error {
	/** Node's code for the cause, such as `ENOTFOUND`, `ECONNREFUSED` or `CERT_HAS_EXPIRED`, or that of src/workstation/connections.ts. */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

const retryOnce = interceptors.retry({ maxRetries: 1, errorCodes: ["ECONNRESET", "UND_ERR_SOCKET"], statusCodes: [] });

export class ProxmoxApi {
	readonly #endpoint: string;
	readonly #token: string;
	readonly #connections: Agent;

	/**
	 * @param endpoint `proxmox.endpoint` of a stack file
	 * @param token `user@realm!name=uuid`
	 * @param environment with HTTPS_PROXY and NO_PROXY
	 */
	constructor(endpoint: string, token: string, environment: Environment = process.env) {
		this.#endpoint = endpoint;
		this.#token = token;
		// With SSL_CERT_FILE and SSL_CERT_DIR, which Go's clients use too.
		const tls = { minVersion: "TLSv1.3", rejectUnauthorized: true, ca: getCACertificates("system") } as const;
		this.#connections = connections(tls, environment);
	}

	/**
	 * @param path path below `/api2/json`, with its variable parts encoded
	 * @returns the data of the answer
	 * @throws ProxmoxRefusal, or NoConnection
	 */
	async get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
		const query = new URLSearchParams(parameters).toString();
		const url = new URL(`/api2/json${path}${query && `?${query}`}`, this.#endpoint);
		const { statusCode, statusText, body } = await this.#ask(url);
		if (statusCode !== 200) {
			throw new ProxmoxRefusal(statusCode, reasonOf(body) ?? (statusText || `HTTP ${statusCode}`));
		}
		return dataOf(body) as T;
	}

	async #ask(url: URL): Promise<{ statusCode: number; statusText: string; body: string }> {
		const headers = { authorization: `PVEAPIToken=${this.#token}` };
		// Proxmox may end an idle connection at the moment of a request.
		const dispatcher = this.#connections.compose(retryOnce);
		try {
			const { statusCode, statusText, body } = await request(url, { dispatcher, headers });
			return { statusCode, statusText, body: await body.text() };
		} catch (error) {
			throw noConnection(error as Error, url);
		}
	}

	/** Closes the connections. */
	close(): void {
		void this.#connections.destroy();
	}
}

function noConnection(error: NodeJS.ErrnoException & { hostname?: string }, { hostname }: URL): NoConnection {
	// Node names the host that it did not find: the checks call it that of Proxmox.
	const isAboutProxy = error.hostname !== undefined && error.hostname !== hostname;
	// A code of the library says less than its message.
	const saysLess = error.code?.startsWith("UND_ERR_") || isAboutProxy;
	return new NoConnection((!saysLess && error.code) || "", error.message);
}

function dataOf(body: string): unknown {
	try {
		return (JSON.parse(body) as { data: unknown }).data;
	} catch {
		throw new ProxmoxRefusal(200, "the answer is not JSON, so something else than Proxmox answers there");
	}
}

/** The messages about parameters of an error answer. The other messages are in its status line. */
function reasonOf(body: string): string | undefined {
	try {
		const { errors } = JSON.parse(body) as { errors?: Record<string, string> };
		return (
			errors &&
			Object.entries(errors)
				.map(([name, reason]) => `${name}: ${reason.trim()}`)
				.join(", ")
		);
	} catch {
		return undefined;
	}
}
