import { readFileSync } from "node:fs";
import { join } from "node:path";
import { httpsClient } from "../kube/http.ts";
import type { Paths } from "../paths.ts";

export interface EtcdMember {
	/** A decimal number of 64 bits, as text. */
	ID: string;
	/** Empty until the member has started once. */
	name?: string;
	peerURLs: string[];
	clientURLs?: string[];
	isLearner?: boolean;
}

interface EtcdStatus {
	header: { member_id: string };
	leader?: string;
	isLearner?: boolean;
}

class EtcdError extends Error {
	override name = "EtcdError";
}

export interface EtcdClient {
	/** @param linearizable `false` needs no quorum: the answer is the member's own view */
	members(linearizable?: boolean): Promise<EtcdMember[]>;
	promote(id: string): Promise<void>;
	remove(id: string): Promise<void>;
	status(): Promise<EtcdStatus>;
	put(key: string, value: string): Promise<void>;
	/** The value, or `undefined` where there is no such key. */
	get(key: string): Promise<string | undefined>;
	/** Keys that begin with the prefix, without their values. */
	keys(prefix: string): Promise<string[]>;
	delete(key: string): Promise<void>;
}

/** gRPC only, for the API server and etcdctl. */
export const localEtcd = "https://127.0.0.1:2379";
/** The only endpoint where a member answers HTTP. */
export const localEtcdHttp = "https://127.0.0.1:2382";

const timeoutMs = 5_000;
// A member that has just started may not answer until it has a leader: a new request succeeds earlier than waiting.
const lookTimeout = 1_500;

/** Talks to this machine's member through etcd's own JSON gateway, with RKE2's etcd client certificate. */
export function etcdClient(paths: Paths): EtcdClient {
	const http = httpsClient({
		ca: readFileSync(join(paths.etcdTls, "server-ca.crt"), "utf8"),
		cert: readFileSync(join(paths.etcdTls, "client.crt"), "utf8"),
		key: readFileSync(join(paths.etcdTls, "client.key"), "utf8"),
	});
	const call = async <T>(path: string, body: unknown, timeout = timeoutMs): Promise<T> => {
		const answer = await http({
			method: "POST",
			url: `${localEtcdHttp}/v3/${path}`,
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
			timeout,
		});
		const content = answer.body.startsWith("{") ? JSON.parse(answer.body) : { message: answer.body };
		if (answer.status >= 400) {
			throw new EtcdError(content.message ?? content.error ?? `status ${answer.status}`);
		}
		return content as T;
	};
	const encode = (text: string) => Buffer.from(text).toString("base64");
	return {
		members: async (linearizable = true) =>
			(await call<{ members?: EtcdMember[] }>("cluster/member/list", { linearizable }, lookTimeout)).members ?? [],
		promote: async (id) => {
			await call("cluster/member/promote", { ID: id });
		},
		remove: async (id) => {
			await call("cluster/member/remove", { ID: id });
		},
		status: () => call("maintenance/status", {}, lookTimeout),
		put: async (key, value) => {
			await call("kv/put", { key: encode(key), value: encode(value) });
		},
		get: async (key) => {
			const { kvs } = await call<{ kvs?: { value: string }[] }>("kv/range", { key: encode(key) });
			return kvs?.[0] && Buffer.from(kvs[0].value, "base64").toString("utf8");
		},
		keys: async (prefix) => {
			// The end of the range is the prefix with its last byte raised by one.
			const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
			const range = { key: encode(prefix), range_end: encode(end), keys_only: true };
			const { kvs = [] } = await call<{ kvs?: { key: string }[] }>("kv/range", range);
			return kvs.map(({ key }) => Buffer.from(key, "base64").toString("utf8"));
		},
		delete: async (key) => {
			await call("kv/deleterange", { key: encode(key) });
		},
	};
}
