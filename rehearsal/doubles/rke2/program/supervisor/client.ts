import type { CriticalSettings } from "../config/settings.ts";
import type { EtcdMember } from "../etcd/client.ts";
import { type HttpClient, httpsClient } from "../kube/http.ts";
import { parseToken, requireTrustedCa } from "../pki/token.ts";
import { FatalError } from "../process/log.ts";

/** Certificates that the supervisor issues for a node. The keys stay on the node. */
interface NodeCertificates {
	clientCa: string;
	client: string;
	serving: string;
}

export interface NodeIdentity {
	name: string;
	address: string;
	/** The content of /etc/rancher/node/password. */
	password: string;
}

export interface SupervisorClient {
	serverCa: string;
	criticalSettings(): Promise<CriticalSettings>;
	/** For the server token only. The data is encrypted with the token's password. */
	bootstrapData(): Promise<string>;
	etcdMembers(): Promise<EtcdMember[]>;
	/** `address:6443` of every API server. */
	apiservers(): Promise<string[]>;
	nodeCertificates(node: NodeIdentity, keys: { client: string; serving: string }): Promise<NodeCertificates>;
}

/** A node's own certificate and its key, as PEM. */
export interface ClientCertificate {
	cert: string;
	key: string;
}

/**
 * Connects to the supervisor port of a server. It fetches the server's authority without verification, compares it with the
 * hash in the token (a short token has none and trusts the first answer), and then accepts this authority only.
 *
 * @param user user of the token's password; an agent is always `node` (k3s-io/k3s, pkg/agent/run.go,
 *   createProxyAndValidateToken)
 * @param certificate of a registered node; it is accepted like the token, so that a member does not depend on its token
 *   (pkg/agent/config/config.go, WithClientCertificate)
 */
export async function connectSupervisor(
	url: string,
	tokenText: string,
	user: "server" | "node",
	certificate?: ClientCertificate,
): Promise<SupervisorClient> {
	const base = url.replace(/\/+$/, "");
	const token = parseToken(tokenText);
	const unverified = httpsClient({ rejectUnauthorized: false });
	const { status, body: serverCa } = await unverified({ method: "GET", url: `${base}/cacerts` });
	if (status !== 200) {
		throw new Error(`failed to get CA certs: ${base}/cacerts: ${status}`);
	}
	requireTrustedCa(token, serverCa);
	return clientOf(
		base,
		serverCa,
		httpsClient({ ca: serverCa, ...certificate }),
		basicAuthorization(user, token.password),
	);
}

function basicAuthorization(user: string, password: string): string {
	return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function clientOf(base: string, serverCa: string, http: HttpClient, authorization: string): SupervisorClient {
	const call = async (method: string, path: string, body?: unknown): Promise<string> => {
		const answer = await http({
			method,
			url: `${base}${path}`,
			headers: { authorization, "content-type": "application/json" },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		if (answer.status === 401) {
			throw new FatalError(`${base}${path}: not authorized: the token is not this cluster's`);
		}
		if (answer.status !== 200) {
			throw new Error(`${base}${path}: ${answer.status}: ${answer.body.trim()}`);
		}
		return answer.body;
	};
	return {
		serverCa,
		criticalSettings: async () => JSON.parse(await call("GET", "/v1-rke2/config")),
		bootstrapData: () => call("GET", "/v1-rke2/server-bootstrap"),
		etcdMembers: async () => JSON.parse(await call("GET", "/db/info")).members,
		apiservers: async () => JSON.parse(await call("GET", "/v1-rke2/apiservers")),
		nodeCertificates: async (node, keys) =>
			JSON.parse(await call("POST", "/v1-rke2/node-certificates", { node, keys })),
	};
}
