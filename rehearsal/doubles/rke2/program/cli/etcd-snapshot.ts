import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { readFlagValues } from "../config/flag-values.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log, messageOf } from "../process/log.ts";
import { pruneDirectory, saveSnapshot } from "../snapshots/save.ts";
import { connectStore, type SnapshotStore } from "../snapshots/store.ts";
import { connectSupervisor } from "../supervisor/client.ts";

/** RKE2's defaults: the name of a snapshot on demand, and the number of snapshots that `prune` retains. */
const defaultName = "on-demand";
const defaultRetention = "5";

/**
 * `rke2 etcd-snapshot save|prune [--name NAME]` and `rke2 etcd-snapshot ls`: real snapshots of the local member, also in the S3
 * store if there is one. `save` deletes no file; the retention of the store applies to it too.
 */
export async function etcdSnapshot(paths: Paths, argv: string[]): Promise<void> {
	const [command = "save", ...rest] = argv;
	const flags = readFlagValues("etcd-snapshot", rest, paths.configFile);
	const directory = flags.text("etcd-snapshot-dir") ?? paths.snapshots;
	const prefix = flags.text("name") ?? defaultName;
	const store = await requireStore(() => connectStore(paths, flags));
	await requireAccess(paths);
	if (command === "save") {
		const nodeName = flags.text("node-name") ?? hostname();
		const target = { directory, prefix, nodeName, retention: 0, connect: async () => store };
		report(await saveSnapshot(paths, target), "saved");
	} else if (command === "prune") {
		const retention = Number(flags.text("etcd-snapshot-retention") ?? defaultRetention);
		report([...pruneDirectory(directory, prefix, retention), ...((await store?.prune(prefix)) ?? [])], "deleted");
	} else if (command === "ls" || command === "list") {
		await list(directory, store);
	} else {
		throw new FatalError(
			`rke2 etcd-snapshot: unknown command ${JSON.stringify(command)}; save, prune and ls are known`,
		);
	}
}

/**
 * With `etcd-s3` a server connects to its store before it saves, prunes or lists anything. Without a store it refuses all
 * of them, although local snapshots need no store (k3s-io/k3s, pkg/etcd/snapshot_handler.go).
 */
async function requireStore(connect: () => Promise<SnapshotStore | undefined>): Promise<SnapshotStore | undefined> {
	try {
		return await connect();
	} catch (error) {
		// A real server writes this line to the log of its unit.
		log.warning(`failed to initialize S3 client: ${messageOf(error)}`);
		throw new FatalError("see server log for details: https://127.0.0.1:9345/db/snapshot: 400 Bad Request");
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

function report(names: string[], what: "saved" | "deleted"): void {
	for (const name of names) {
		log.info(`Snapshot ${name} ${what}.`);
	}
}

async function list(directory: string, store: SnapshotStore | undefined): Promise<void> {
	process.stdout.write("Name Location Size Created\n");
	for (const name of existsSync(directory) ? readdirSync(directory).sort() : []) {
		const file = join(directory, name);
		const { size, mtime } = statSync(file);
		process.stdout.write(`${name} file://${file} ${size} ${mtime.toISOString()}\n`);
	}
	for (const { name, size, modified } of (await store?.list()) ?? []) {
		process.stdout.write(`${name} ${store!.location}/${name} ${size} ${modified.toISOString()}\n`);
	}
}
