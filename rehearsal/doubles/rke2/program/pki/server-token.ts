import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { EtcdClient } from "../etcd/client.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { authorityFile } from "./authorities.ts";
import { bootstrapKey, sealBootstrapData } from "./bootstrap-data.ts";
import { formatToken, parseToken, requireTrustedCa } from "./token.ts";

/**
 * The passwords of the users `server` and `node` at the supervisor (k3s-io/k3s, pkg/daemons/control/deps/deps.go,
 * genUsers). Without an agent token both are the same.
 */
export interface Passwords {
	server: string;
	agent: string;
}

const passwdFile = (paths: Paths) => join(paths.credentials, "passwd");

/** Form of a bootstrap token: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/ */
const bootstrapToken = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

/**
 * What `rke2 token rotate` asks a server to do (k3s-io/k3s, pkg/server/handlers/token.go, tokenRotate): the new token is in this
 * server's files, and the bootstrap data in the datastore is encrypted with it. The server itself goes on with the passwords of its
 * start (pkg/daemons/control/server.go, basicAuthenticator), as do the others: all have to be restarted with the new token.
 */
export async function rotateServerToken(paths: Paths, etcd: EtcdClient, token: string): Promise<void> {
	const lines = readFileSync(passwdFile(paths), "utf8").split("\n");
	const [server = "", node = ""] = lines;
	const old = server.split(",")[0]!;
	const agent = node.split(",")[0] === old ? token : node.split(",")[0]!;
	writeFileAtomically(passwdFile(paths), passwdOf({ server: token, agent }), 0o600);
	if (bootstrapToken.test(token)) {
		// The new password is stored by then: k3s-io/k3s#12982.
		throw new Error("failed to format token: a bootstrap token is no server token");
	}
	const bundle = readFileSync(authorityFile(paths, "server"), "utf8");
	writeFileAtomically(join(paths.server, "token"), `${formatToken(bundle, "server", token)}\n`, 0o600);
	if ((await etcd.get(bootstrapKey(old))) === undefined) {
		throw new Error("no bootstrap data of the former token found");
	}
	await etcd.put(bootstrapKey(token), sealBootstrapData(paths, token));
	await etcd.delete(bootstrapKey(old));
}

function passwdOf({ server, agent }: Passwords): string {
	return `${server},server,server,rke2:server\n${agent},node,node,rke2:agent\n`;
}

/**
 * Returns the passwords of the cluster's tokens and writes the token files. The configured token counts, then the stored
 * one; otherwise a new one is made. The authorities must exist. The datastore shows later whether it is the cluster's token.
 */
export function ensureToken(paths: Paths, settings: ServerSettings): Passwords {
	const bundle = readFileSync(authorityFile(paths, "server"), "utf8");
	const configured = settings.token === undefined ? undefined : parseToken(settings.token);
	if (configured) {
		requireTrustedCa(configured, bundle);
	}
	const stored = readIfPresent(passwdFile(paths))?.split(",")[0];
	const server = configured?.password ?? stored ?? randomBytes(16).toString("hex");
	const agent = settings.agentToken ? parseToken(settings.agentToken).password : server;
	const serverToken = formatToken(bundle, "server", server);
	const passwd = passwdOf({ server, agent });
	// RKE2 writes this file only when a password changed: its time stamp is the age of the passwords.
	if (readIfPresent(passwdFile(paths)) !== passwd) {
		writeFileAtomically(passwdFile(paths), passwd, 0o600);
	}
	writeFileAtomically(join(paths.server, "token"), `${serverToken}\n`, 0o600);
	const agentToken = settings.agentToken ? formatToken(bundle, "node", agent) : serverToken;
	writeFileAtomically(join(paths.server, "agent-token"), `${agentToken}\n`, 0o600);
	rmSync(join(paths.server, "node-token"), { force: true });
	symlinkSync("token", join(paths.server, "node-token"));
	return { server, agent };
}
