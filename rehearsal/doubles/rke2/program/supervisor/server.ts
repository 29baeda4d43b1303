import { createPublicKey, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { ServerSettings } from "../config/settings.ts";
import type { KeyRotation } from "../controlplane/key-rotation.ts";
import type { EtcdClient } from "../etcd/client.ts";
import { apiserverAddresses } from "../kube/apiservers.ts";
import type { KubeClient } from "../kube/client.ts";
import { verifyNodePassword } from "../node/password.ts";
import type { Paths } from "../paths.ts";
import { authority, authorityFile } from "../pki/authorities.ts";
import { bootstrapPrefix } from "../pki/bootstrap-data.ts";
import { type Passwords, rotateServerToken } from "../pki/server-token.ts";
import { samePassword } from "../pki/token.ts";
import { issueCertificate } from "../pki/x509.ts";
import { log, messageOf } from "../process/log.ts";
import type { NodeIdentity } from "./client.ts";

const supervisorPort = 9345;
/** Role by the user of a password. */
const roles: ReadonlyMap<string, Role> = new Map([
	["server", "server"],
	["node", "agent"],
]);

/** Parts of the server that the supervisor needs. A part is `undefined` until it has started. */
export interface SupervisorState {
	etcd?: EtcdClient;
	kube?: KubeClient;
}

class HttpError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

/**
 * The role that a caller has proven (k3s-io/k3s, pkg/server/handlers/router.go). No role includes the other: a server uses
 * the agent's password for the requests of a node.
 */
type Role = keyof Passwords;

interface Route {
	/** The role that may call the route. Without a role everyone may call it. */
	role?: Role;
	answer: (body: string) => Promise<string | object>;
}

/** Serves the registration port on every address, including the virtual address. */
export function serveSupervisor(
	paths: Paths,
	settings: ServerSettings,
	passwords: Passwords,
	rotation: KeyRotation,
	state: SupervisorState,
): Promise<Server> {
	const routes = supervisorRoutes(paths, settings, rotation, state);
	const tls = {
		cert: readFileSync(join(paths.tls, "serving-kube-apiserver.crt")),
		key: readFileSync(join(paths.tls, "serving-kube-apiserver.key")),
		ca: readFileSync(authorityFile(paths, "client")),
		requestCert: true,
		rejectUnauthorized: false,
	};
	const server = createServer(tls, (request, response) => {
		void handle(routes, passwords, request, response);
	});
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(supervisorPort, settings.bindAddress, () => resolve(server));
	});
}

function supervisorRoutes(
	paths: Paths,
	settings: ServerSettings,
	rotation: KeyRotation,
	state: SupervisorState,
): Record<string, Route> {
	const started = <K extends keyof SupervisorState>(part: K): NonNullable<SupervisorState[K]> => {
		const value = state[part];
		if (value === undefined) {
			throw new HttpError(503, "starting: the server is not ready to answer this");
		}
		return value;
	};
	return {
		"GET /cacerts": { answer: async () => readFileSync(authorityFile(paths, "server"), "utf8") },
		"GET /v1-rke2/config": { role: "agent", answer: async () => settings.critical },
		"GET /v1-rke2/server-bootstrap": {
			role: "server",
			answer: async () => {
				const [key = ""] = await started("etcd").keys(bootstrapPrefix);
				const stored = await started("etcd").get(key);
				if (stored === undefined) {
					throw new HttpError(503, "starting: the server is not ready to answer this");
				}
				return stored;
			},
		},
		"GET /db/info": { role: "server", answer: async () => ({ members: await started("etcd").members() }) },
		"PUT /v1-rke2/token": {
			role: "server",
			answer: async (body) => {
				await rotateServerToken(paths, started("etcd"), JSON.parse(body).newToken);
				return "";
			},
		},
		"GET /v1-rke2/encrypt/status": { role: "server", answer: () => rotation.status(started("kube")) },
		"PUT /v1-rke2/encrypt/config": {
			role: "server",
			answer: async (body) => {
				await changeKeys(rotation, JSON.parse(body), started("kube"), started("etcd"));
				return "";
			},
		},
		"GET /v1-rke2/apiservers": { role: "agent", answer: () => apiserverAddresses(started("kube")) },
		"POST /v1-rke2/node-certificates": {
			role: "agent",
			answer: (body) => issueNodeCertificates(paths, started("kube"), JSON.parse(body)),
		},
	};
}

/** The reason is in the journal, and the caller gets its number (k3s-io/k3s, pkg/util/apierrors.go, SendErrorWithID). */
async function changeKeys(
	rotation: KeyRotation,
	{ stage }: { stage?: string },
	kube: KubeClient,
	etcd: EtcdClient,
): Promise<void> {
	try {
		if (stage !== "rotate_keys") {
			throw new Error(`unknown stage ${stage} requested`);
		}
		await rotation.rotate(kube, etcd);
	} catch (error) {
		const id = randomInt(100_000);
		log.warning(`secret-encrypt ID ${id}: ${messageOf(error)}`);
		throw new HttpError(400, `secret-encrypt error ID ${id}`);
	}
}

async function handle(
	routes: Record<string, Route>,
	passwords: Passwords,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const path = new URL(request.url ?? "/", "https://supervisor").pathname;
	try {
		const route = routes[`${request.method} ${path}`];
		if (route === undefined) {
			throw new HttpError(404, "not found");
		}
		authorize(route, passwords, request);
		let body = "";
		for await (const chunk of request) {
			body += chunk;
		}
		const answer = await route.answer(body);
		const text = typeof answer === "string" ? answer : JSON.stringify(answer);
		response.writeHead(200, { "content-type": typeof answer === "string" ? "text/plain" : "application/json" });
		response.end(text);
	} catch (error) {
		const status = error instanceof HttpError ? error.status : 500;
		if (status !== 503) {
			log.warning(`${request.method} ${path} from ${request.socket.remoteAddress}: ${messageOf(error)}`);
		}
		response.writeHead(status, { "content-type": "text/plain" });
		response.end(`${messageOf(error)}\n`);
	}
}

/** @throws HttpError 401 for an unknown caller, and 403 for a caller with another role (pkg/server/auth/auth.go, doAuth) */
function authorize({ role }: Route, passwords: Passwords, request: IncomingMessage): void {
	if (role === undefined) {
		return;
	}
	const proven = [
		roleOfCertificate(request.socket as TLSSocket),
		roleOfPassword(request.headers.authorization, passwords),
	];
	if (proven.every((known) => known === undefined)) {
		throw new HttpError(401, "Unauthorized");
	}
	if (!proven.includes(role)) {
		throw new HttpError(403, "forbidden");
	}
}

function roleOfCertificate(socket: TLSSocket): Role | undefined {
	return socket.authorized && socket.getPeerCertificate().subject?.O === "system:nodes" ? "agent" : undefined;
}

function roleOfPassword(header: string | undefined, passwords: Passwords): Role | undefined {
	const [scheme, encoded = ""] = (header ?? "").split(" ");
	const credentials = Buffer.from(encoded, "base64").toString("utf8");
	const [user, password] = [credentials.split(":", 1)[0]!, credentials.slice(credentials.indexOf(":") + 1)];
	const role = scheme === "Basic" ? roles.get(user) : undefined;
	return role !== undefined && samePassword(passwords[role], password) ? role : undefined;
}

async function issueNodeCertificates(
	paths: Paths,
	kube: KubeClient,
	request: { node: NodeIdentity; keys: { client: string; serving: string } },
): Promise<object> {
	const { node, keys } = request;
	const refusal = await verifyNodePassword(kube, node.name, node.password);
	if (refusal !== undefined) {
		throw new HttpError(403, refusal);
	}
	return {
		clientCa: readFileSync(authorityFile(paths, "client"), "utf8"),
		client: await issueCertificate(authority(paths, "client"), createPublicKey(keys.client), {
			commonName: `system:node:${node.name}`,
			organization: "system:nodes",
			usage: "client",
		}),
		serving: await issueCertificate(authority(paths, "server"), createPublicKey(keys.serving), {
			commonName: node.name,
			sans: [node.name, node.address, "127.0.0.1", "localhost"],
			usage: "server",
		}),
	};
}
