import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { etcdUser } from "../config/profile.ts";
import type { ServerSettings } from "../config/settings.ts";
import { parseExtraArguments } from "../controlplane/arguments.ts";
import type { Paths } from "../paths.ts";
import { type Child, superviseChild } from "../process/child.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { localEtcdHttp } from "./client.ts";

/** Initial cluster of a member without data. */
export interface InitialCluster {
	state: "new" | "existing";
	/** `name=peerURL`, including this member. */
	members: string[];
}

/** Whether a member has run here before, which its write-ahead log shows. RKE2 ignores `server:` from then on. */
export function hasDatastore(paths: Paths): boolean {
	return existsSync(join(paths.etcdData, "member/wal"));
}

const nameFile = (paths: Paths) => join(paths.etcdData, "name");

/** The member's name, `<node>-<8 hex digits>`. Each data directory has one. */
export function memberName(paths: Paths, nodeName: string): string {
	const stored = readIfPresent(nameFile(paths));
	if (stored !== undefined) {
		return stored;
	}
	const name = `${nodeName}-${randomBytes(4).toString("hex")}`;
	writeFileAtomically(nameFile(paths), name, 0o600);
	return name;
}

/** Deletes the name, so that a node that the administrator renamed gets another member name. */
export function forgetMemberName(paths: Paths): void {
	rmSync(nameFile(paths), { force: true });
}

export function peerUrl(settings: ServerSettings): string {
	return `https://${settings.nodeIp}:2380`;
}

/** Writes etcd's configuration file and runs it: as `etcd` under a profile, as root otherwise. */
export function runEtcd(paths: Paths, settings: ServerSettings, initial: InitialCluster | undefined): Child {
	const configFile = join(paths.etcdData, "config");
	const user = settings.profile === undefined ? undefined : etcdUser(paths);
	mkdirSync(paths.etcdData, { recursive: true, mode: 0o700 });
	writeFileAtomically(configFile, stringify(etcdConfig(paths, settings, initial)), 0o600);
	// Only files of this process need another owner: etcd writes the others itself.
	for (const path of [paths.etcdData, configFile, nameFile(paths)]) {
		if (user) {
			chownSync(path, user.uid, user.gid);
		}
	}
	chmodSync(paths.etcdData, 0o700);
	return superviseChild({
		name: "etcd",
		command: join(paths.binaries, "etcd"),
		args: [`--config-file=${configFile}`],
		logFile: join(paths.agentLogs, "etcd.log"),
		user,
	});
}

function etcdConfig(
	paths: Paths,
	settings: ServerSettings,
	initial: InitialCluster | undefined,
): Record<string, unknown> {
	const tls = (certificate: string, authority: string) => ({
		"client-cert-auth": true,
		"cert-file": join(paths.etcdTls, `${certificate}.crt`),
		"key-file": join(paths.etcdTls, `${certificate}.key`),
		"trusted-ca-file": join(paths.etcdTls, `${authority}.crt`),
	});
	return {
		name: memberName(paths, settings.nodeName),
		"data-dir": paths.etcdData,
		"listen-client-urls": `https://127.0.0.1:2379,https://${settings.nodeIp}:2379`,
		// With this option the URLs above answer gRPC only (k3s pkg/etcd/etcd.go).
		"listen-client-http-urls": localEtcdHttp,
		"listen-metrics-urls": ["127.0.0.1", ...(settings.etcdMetricsExposed ? [settings.nodeIp] : [])]
			.map((address) => `http://${address}:2381`)
			.join(","),
		"listen-peer-urls": `https://127.0.0.1:2380,https://${settings.nodeIp}:2380`,
		"advertise-client-urls": `https://${settings.nodeIp}:2379`,
		"initial-advertise-peer-urls": peerUrl(settings),
		...(initial ? { "initial-cluster": initial.members.join(","), "initial-cluster-state": initial.state } : {}),
		"client-transport-security": tls("server-client", "server-ca"),
		"peer-transport-security": tls("peer-server-client", "peer-ca"),
		"snapshot-count": 10_000,
		// Milliseconds, five times etcd's own (k3s pkg/etcd/etcd.go): a leader that dies stops all writes for 5 s or more.
		"heartbeat-interval": 500,
		"election-timeout": 5_000,
		logger: "zap",
		"log-level": "warn",
		"log-outputs": ["stderr"],
		...Object.fromEntries(parseExtraArguments(settings.extraArguments.etcd)),
	};
}
