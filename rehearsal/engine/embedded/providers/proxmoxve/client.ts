/** Proxmox VE's HTTP API as the provider plugin uses it: token, form bodies, tasks. */
import { readFileSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, rootCertificates } from "node:tls";
import pRetry, { AbortError } from "p-retry";
import { z } from "zod";
import type { Operation } from "../../resource-type.ts";

export type Parameters = Record<string, string | number | string[] | undefined>;

export const providerInputs = z.strictObject({
	endpoint: z.url({ protocol: /^https$/ }),
	/** The shape that the plugin itself demands. */
	apiToken: z.string().regex(/^\S+@\S+!\S+=[a-zA-Z0-9-]+$/, { error: "must have the form user@realm!name=uuid" }),
});

/** By the authority that is trusted beside the usual ones: reading all of these takes longer than a call. */
const agents = new Map<string | undefined, Agent>();

function trusting(authority: string | undefined): Agent {
	const made = agents.get(authority);
	if (made) {
		return made;
	}
	const ca = authority === undefined ? {} : { ca: [...rootCertificates, authority] };
	const agent = new Agent({ keepAlive: false, secureContext: createSecureContext({ minVersion: "TLSv1.3", ...ca }) });
	agents.set(authority, agent);
	return agent;
}

class ProxmoxError extends Error {
	readonly status: number;
	constructor(message: string, status: number) {
		super(message);
		this.status = status;
	}
}

/** The plugin polls once a second. Tasks of the double take less, and a machine is a row of them. */
const POLL_MS = 200;
const RETRIES = 3;
const RETRY_MS = 1000;

export class ProxmoxClient {
	readonly #endpoint: string;
	readonly #options: RequestOptions;

	constructor(operation: Operation<unknown>) {
		const { endpoint, apiToken } = providerInputs.parse(operation.provider);
		const authority = operation.environment.NODE_EXTRA_CA_CERTS;
		this.#endpoint = new URL(endpoint).origin;
		this.#options = {
			headers: { Authorization: `PVEAPIToken=${apiToken}` },
			agent: trusting(authority && readFileSync(authority, "utf8")),
		};
	}

	/** Repeats when the transport fails. */
	get<Data>(path: string, parameters: Parameters = {}): Promise<Data> {
		return this.#retry(
			() => this.#call<Data>("GET", path, parameters),
			(error) => !(error instanceof ProxmoxError),
		);
	}

	put<Data>(path: string, parameters: Parameters = {}): Promise<Data> {
		return this.#call("PUT", path, parameters);
	}

	post<Data>(path: string, parameters: Parameters = {}): Promise<Data> {
		return this.#call("POST", path, parameters);
	}

	delete<Data>(path: string, parameters: Parameters = {}): Promise<Data> {
		return this.#call("DELETE", path, parameters);
	}

	/** For calls that the plugin repeats when the server fails (create and delete of a VM). */
	persistently<Data>(call: () => Promise<Data>): Promise<Data> {
		return this.#retry(call, (error) => error instanceof ProxmoxError && error.status >= 500);
	}

	/** Waits for a task; rejects with what its log says when it did not end well. */
	async task(node: string, upid: string): Promise<void> {
		const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}`;
		for (;;) {
			const { status, exitstatus } = await this.get<{ status: string; exitstatus?: string }>(`${path}/status`);
			if (status === "running") {
				await sleep(POLL_MS);
				continue;
			}
			if (exitstatus === "OK" || exitstatus?.startsWith("WARNINGS")) {
				return;
			}
			const log = await this.get<{ t: string }[]>(`${path}/log`);
			throw new Error(`The task ${upid} failed: ${exitstatus}: ${log.map(({ t }) => t).join(" ")}`);
		}
	}

	#retry<Data>(call: () => Promise<Data>, again: (error: unknown) => boolean): Promise<Data> {
		const attempt = async () => {
			try {
				return await call();
			} catch (error) {
				throw again(error) ? error : new AbortError(error as Error);
			}
		};
		return pRetry(attempt, { retries: RETRIES, minTimeout: RETRY_MS, factor: 1 });
	}

	#call<Data>(method: string, path: string, parameters: Parameters): Promise<Data> {
		const form = new URLSearchParams();
		for (const [key, value] of Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))) {
			if (value === undefined) {
				continue;
			}
			for (const item of Array.isArray(value) ? value : [value]) {
				form.append(key, String(item));
			}
		}
		const inBody = method === "POST" || method === "PUT";
		const query = inBody || form.size === 0 ? "" : `?${form}`;
		const headers = inBody ? { "Content-Type": "application/x-www-form-urlencoded" } : {};
		return new Promise((resolve, reject) => {
			const call = request(
				`${this.#endpoint}/api2/json${path}${query}`,
				{ ...this.#options, method, headers: { ...this.#options.headers, ...headers } },
				(response) => {
					const chunks: Buffer[] = [];
					response.on("data", (chunk) => chunks.push(chunk));
					response.on("error", reject);
					response.on("end", () => {
						const text = Buffer.concat(chunks).toString("utf8");
						const status = response.statusCode ?? 0;
						if (status < 300) {
							resolve(bodyOf(text).data as Data);
						} else {
							reject(new ProxmoxError(`${method} ${path}: ${describe(status, response.statusMessage, text)}`, status));
						}
					});
				},
			);
			call.on("error", (error) => reject(new Error(`${method} ${this.#endpoint}${path}: ${error.message}`)));
			call.end(inBody ? form.toString() : undefined);
		});
	}
}

interface Body {
	data?: unknown;
	message?: string;
	errors?: Record<string, string>;
}

function bodyOf(text: string): Body {
	try {
		return JSON.parse(text) as Body;
	} catch {
		return {};
	}
}

function describe(status: number, reason: string | undefined, text: string): string {
	const { message, errors } = bodyOf(text);
	const details = Object.entries(errors ?? {}).map(([key, problem]) => `${key}: ${problem.trim()}`);
	const said = message && message.trim() !== reason ? [message.trim()] : [];
	return [`${status} ${reason ?? ""}`.trim(), ...said, ...details].join("; ");
}
