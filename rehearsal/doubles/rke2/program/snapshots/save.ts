import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { localEtcd } from "../etcd/client.ts";
import { etcdctl } from "../etcd/etcdctl.ts";
import type { Paths } from "../paths.ts";
import { log, messageOf } from "../process/log.ts";
import type { SnapshotStore } from "./store.ts";

export interface SnapshotTarget {
	directory: string;
	/** The part of its name before the node and the time. */
	prefix: string;
	nodeName: string;
	/** Snapshots of that prefix in the directory. 0 deletes none. */
	retention: number;
	/** @throws Error when the store cannot be used */
	connect: () => Promise<SnapshotStore | undefined>;
}

/**
 * Saves the local member, and uploads the file if there is a store. An upload that fails is logged, and the file stays
 * (k3s-io/k3s, pkg/etcd/snapshot.go, snapshot).
 * @returns the names of what was saved: one for the file, and one for the object in the store
 */
export async function saveSnapshot(paths: Paths, target: SnapshotTarget): Promise<string[]> {
	const { directory, prefix, nodeName, retention, connect } = target;
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	const name = `${prefix}-${nodeName}-${Math.floor(Date.now() / 1_000)}`;
	await etcdctl(paths, localEtcd, "snapshot", "save", join(directory, name));
	pruneDirectory(directory, prefix, retention);
	let store: SnapshotStore | undefined;
	try {
		store = await connect();
	} catch (error) {
		log.warning(`Unable to initialize S3 client: ${messageOf(error)}`);
		return [name];
	}
	if (store === undefined) {
		return [name];
	}
	const saved = [name];
	try {
		log.info(`Saving etcd snapshot ${name} to S3`);
		await store.upload(join(directory, name));
		log.info(`S3 upload complete for ${name}`);
		saved.push(name);
	} catch (error) {
		log.error(`Error received during snapshot upload to S3: ${messageOf(error)}`);
	}
	// Also after an upload that failed: the bucket may be full.
	await store.prune(prefix).catch((error: unknown) => {
		log.warning(`Failed to apply s3 snapshot retention policy: ${messageOf(error)}`);
	});
	return saved;
}

/** Deletes the oldest files whose names begin with the prefix, and returns the names. */
export function pruneDirectory(directory: string, prefix: string, retention: number): string[] {
	if (retention < 1) {
		return [];
	}
	const time = (name: string) => Number(name.slice(name.lastIndexOf("-") + 1));
	const found = readdirSync(directory).filter((name) => name.startsWith(prefix));
	const old = found.sort((a, b) => time(b) - time(a)).slice(retention);
	for (const name of old) {
		rmSync(join(directory, name));
	}
	return old;
}
