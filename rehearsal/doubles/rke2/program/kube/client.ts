import { type HttpClient, httpsClient, type TlsOptions } from "./http.ts";

/** The little of a Kubernetes object that the double reads itself. */
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
	/** Leaves an object that exists as it is. */
	createIfAbsent(path: string, body: unknown): Promise<void>;
	replace<T>(path: string, body: unknown): Promise<T>;
	/** By RFC 7396. */
	patch<T>(path: string, body: unknown): Promise<T>;
}

export interface KubeCredentials extends TlsOptions {
	/** A function is asked at every call. */
	server: string | (() => string);
	token?: string;
}

/**
 * The API calls that the double makes all the time, over one kept connection. Whole manifests go through kubectl.
 * (The official client library needs twice the memory of all the rest of this process.)
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
