import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { FatalError } from "../process/log.ts";
import { authorityFile } from "./authorities.ts";
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

/**
 * Returns the passwords of the cluster's tokens and writes the token files. The configured token counts, then the stored
 * one; otherwise a new one is made. The authorities must exist.
 * @throws FatalError when the configured token is not the token of this server's data
 */
export function ensureToken(paths: Paths, settings: ServerSettings): Passwords {
	const bundle = readFileSync(authorityFile(paths, "server"), "utf8");
	const configured = settings.token === undefined ? undefined : parseToken(settings.token);
	if (configured) {
		requireTrustedCa(configured, bundle);
	}
	const stored = readIfPresent(passwdFile(paths))?.split(",")[0];
	if (stored !== undefined && configured !== undefined && configured.password !== stored) {
		throw new FatalError("bootstrap data already found and encrypted with different token");
	}
	const server = configured?.password ?? stored ?? randomBytes(16).toString("hex");
	const agent = settings.agentToken ? parseToken(settings.agentToken).password : server;
	const serverToken = formatToken(bundle, "server", server);
	const passwd = `${server},server,server,rke2:server\n${agent},node,node,rke2:agent\n`;
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
