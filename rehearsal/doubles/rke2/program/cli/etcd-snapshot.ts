import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { readFlagValues } from "../config/flag-values.ts";
import { localEtcd } from "../etcd/client.ts";
import { etcdctl } from "../etcd/etcdctl.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log } from "../process/log.ts";
import { connectSupervisor } from "../supervisor/client.ts";
import { requireSnapshotStore } from "./snapshot-store.ts";

/** RKE2's defaults: the name of a snapshot on demand, and the number of snapshots that `prune` retains. */
const defaultName = "on-demand";
const defaultRetention = "5";

/**
 * `rke2 etcd-snapshot save|prune [--name NAME]` and `rke2 etcd-snapshot ls`: real snapshots of the local member. Only
 * `prune` deletes snapshots; `save` does not.
 */
export async function etcdSnapshot(paths: Paths, argv: string[]): Promise<void> {
	const [command = "save", ...rest] = argv;
	const flags = readFlagValues("etcd-snapshot", rest, paths.configFile);
	const directory = flags.text("etcd-snapshot-dir") ?? paths.snapshots;
	const name = flags.text("name") ?? defaultName;
	await requireSnapshotStore(paths, flags);
	await requireAccess(paths);
	if (command === "save") {
		await save(paths, directory, `${name}-${flags.text("node-name") ?? hostname()}`);
	} else if (command === "prune") {
		prune(directory, name, Number(flags.text("etcd-snapshot-retention") ?? defaultRetention));
	} else if (command === "ls" || command === "list") {
		list(directory);
	} else {
		throw new FatalError(
			`rke2 etcd-snapshot: unknown command ${JSON.stringify(command)}; save, prune and ls are known`,
		);
	}
}

/**
 * RKE2's command asks this server, with the token of the server's file: one that has been rotated and not restarted refuses it
 * (k3s-io/k3s, pkg/cli/etcdsnapshot/etcd_snapshot.go, commandSetup).
 */
async function requireAccess(paths: Paths): Promise<void> {
	const token = readFileSync(join(paths.server, "token"), "utf8").trim();
	const server = await connectSupervisor("https://127.0.0.1:9345", token, "server");
	await server.etcdMembers();
}

async function save(paths: Paths, directory: string, base: string): Promise<void> {
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	const name = `${base}-${Math.floor(Date.now() / 1_000)}`;
	await etcdctl(paths, localEtcd, "snapshot", "save", join(directory, name));
	log.info(`Snapshot ${name} saved.`);
}

/** Deletes the oldest snapshots whose names begin with the prefix. */
function prune(directory: string, prefix: string, retention: number): void {
	const time = (name: string) => Number(name.slice(name.lastIndexOf("-") + 1));
	const found = readdirSync(directory).filter((name) => name.startsWith(prefix));
	for (const name of found.sort((a, b) => time(b) - time(a)).slice(retention)) {
		rmSync(join(directory, name));
		log.info(`Snapshot ${name} deleted.`);
	}
}

function list(directory: string): void {
	process.stdout.write("Name Location Size Created\n");
	if (!existsSync(directory)) {
		return;
	}
	for (const name of readdirSync(directory).sort()) {
		const file = join(directory, name);
		const { size, mtime } = statSync(file);
		process.stdout.write(`${name} file://${file} ${size} ${mtime.toISOString()}\n`);
	}
}
