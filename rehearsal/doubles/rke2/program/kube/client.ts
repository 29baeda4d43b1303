import { type HttpClient, httpsClient, type TlsOptions } from "./http.ts";

/** The fields of a Kubernetes object that the double reads. */
export interface KubeObject {
	apiVersion?: string;
	kind?: string;
	metadata: {
		name: string;
		namespace?: string;
		uid?: string;
		resourceVersion?: string;
		labels?: Record<string, string>;
		annotations?: Record<string, string>;
		deletionTimestamp?: string;
		ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string }[];
	};
}

export class KubeError extends Error {
	override name = "KubeError";
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export interface KubeClient {
	get<T>(path: string): Promise<T>;
	/** `undefined` when there is no such object. */
	find<T>(path: string): Promise<T | undefined>;
	create<T>(path: string, body: unknown): Promise<T>;
	/** Does not change an object that exists. */
	createIfAbsent(path: string, body: unknown): Promise<void>;
	replace<T>(path: string, body: unknown): Promise<T>;
	/** By RFC 7396. */
	patch<T>(path: string, body: unknown): Promise<T>;
	/** Nothing happens when there is no such object. */
	deleteIfPresent(path: string): Promise<void>;
}

export interface KubeCredentials extends TlsOptions {
	/** A function is called at every request. */
	server: string | (() => string);
	token?: string;
}

/**
 * A small API client that keeps its connections. kubectl applies manifests. The official client library would need twice
 * the memory of all other parts of this process.
 */
export function kubeClient(credentials: KubeCredentials): KubeClient {
	const { server, token, ...tls } = credentials;
	const http: HttpClient = httpsClient(tls);
	const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
	const call = async <T>(method: string, path: string, body?: unknown, type = "application/json"): Promise<T> => {
		const answer = await http({
			method,
			url: `${typeof server === "function" ? server() : server}${path}`,
			headers: { accept: "application/json", "content-type": type, ...authorization },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		if (answer.status >= 400) {
			throw new KubeError(answer.status, reasonOf(answer.body, `${method} ${path}`));
		}
		return parseBody<T>(answer.body);
	};
	return {
		get: (path) => call("GET", path),
		find: async <T>(path: string) => {
			try {
				return await call<T>("GET", path);
			} catch (error) {
				if (error instanceof KubeError && error.status === 404) {
					return undefined;
				}
				throw error;
			}
		},
		create: (path, body) => call("POST", path, body),
		createIfAbsent: async (path, body) => {
			try {
				await call("POST", path, body);
			} catch (error) {
				if (!(error instanceof KubeError && error.status === 409)) {
					throw error;
				}
			}
		},
		replace: (path, body) => call("PUT", path, body),
		patch: (path, body) => call("PATCH", path, body, "application/merge-patch+json"),
		deleteIfPresent: async (path) => {
			try {
				await call("DELETE", path);
			} catch (error) {
				if (!(error instanceof KubeError && error.status === 404)) {
					throw error;
				}
			}
		},
	};
}

// Health endpoints answer "ok", everything else JSON.
function parseBody<T>(body: string): T {
	return (body.startsWith("{") ? JSON.parse(body) : body) as T;
}

function reasonOf(body: string, what: string): string {
	const status: { message?: string } = body.startsWith("{") ? JSON.parse(body) : { message: body.slice(0, 200) };
	return status.message ?? `${what} failed`;
}
