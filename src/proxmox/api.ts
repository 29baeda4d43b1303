/** Reads the API of Proxmox VE with an API token, as the provider of the program does: TLS 1.3, authorities of the system, its proxy. */
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { getCACertificates } from "node:tls";
import { proxyVariableFor } from "../workstation/proxy.ts";

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
	/** Node's code for the cause, such as `ENOTFOUND`, `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/** Proxmox asks the server of an image before it answers. */
const timeoutMs = 30_000;

export class ProxmoxApi {
	readonly #endpoint: string;
	readonly #token: string;
	readonly #agent: Agent;

	/**
	 * @param endpoint `proxmox.endpoint` of a stack file
	 * @param token `user@realm!name=uuid`
	 * @param environment with HTTPS_PROXY and NO_PROXY
	 */
	constructor(endpoint: string, token: string, environment: NodeJS.ProcessEnv = process.env) {
		const proxy = proxyVariableFor(new URL(endpoint).hostname, environment);
		this.#endpoint = endpoint;
		this.#token = token;
		this.#agent = new Agent({
			keepAlive: true,
			maxSockets: 8,
			minVersion: "TLSv1.3",
			rejectUnauthorized: true,
			// With SSL_CERT_FILE and SSL_CERT_DIR, which Go's clients use too.
			ca: getCACertificates("system"),
			...(proxy && { proxyEnv: { HTTPS_PROXY: environment[proxy] } }),
		});
	}

	/**
	 * @param path path below `/api2/json`, with its variable parts encoded
	 * @returns the data of the answer
	 * @throws ProxmoxRefusal, or NoConnection
	 */
	get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
		const query = new URLSearchParams(parameters).toString();
		const url = new URL(`/api2/json${path}${query && `?${query}`}`, this.#endpoint);
		return new Promise((resolve, reject) => {
			const headers = { authorization: `PVEAPIToken=${this.#token}` };
			const sent = request(url, { agent: this.#agent, headers, timeout: timeoutMs }, (response) => {
				const { statusCode = 0, statusMessage = "" } = response;
				text(response)
					.then((body) => {
						if (statusCode !== 200) {
							throw new ProxmoxRefusal(statusCode, reasonOf(body) ?? (statusMessage || `HTTP ${statusCode}`));
						}
						resolve(dataOf(body) as T);
					})
					.catch(reject);
			});
			sent.on("timeout", () => sent.destroy(new NoConnection("ETIMEDOUT", `no answer in ${timeoutMs / 1000} s`)));
			sent.on("error", (error: NodeJS.ErrnoException) => {
				if (error.code === "ECONNRESET" && sent.reusedSocket) {
					// Proxmox ended an idle connection at this moment: https://nodejs.org/api/http.html#requestreusedsocket
					resolve(this.get(path, parameters));
				} else {
					reject(error instanceof NoConnection ? error : new NoConnection(error.code ?? "", error.message));
				}
			});
			sent.end();
		});
	}

	/** Closes the connections. */
	close(): void {
		this.#agent.destroy();
	}
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
