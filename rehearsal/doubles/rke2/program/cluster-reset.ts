import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { FlagValues } from "./config/flag-values.ts";
import { requireProfile } from "./config/profile.ts";
import { type ServerSettings, serverSettings } from "./config/settings.ts";
import { hasDatastore } from "./etcd/member.ts";
import { handOverToEtcd, readAlone, renameMember, restoreSnapshot } from "./etcd/restore.ts";
import type { KubeClient } from "./kube/client.ts";
import { forgetNodePassword } from "./node/password.ts";
import type { Paths } from "./paths.ts";
import { bootstrapKey, openBootstrapData } from "./pki/bootstrap-data.ts";
import { parseToken } from "./pki/token.ts";
import { writeFileAtomically } from "./process/files.ts";
import { FatalError, log, messageOf } from "./process/log.ts";
import { connectStore, NoConfigSecretError, type SnapshotStore } from "./snapshots/store.ts";

// https://docs.rke2.io/datastore/backup_restore: the file is there from a reset until the next normal start.
const resetFlag = (paths: Paths) => join(paths.server, "db/reset-flag");

/**
 * `rke2 server --cluster-reset`: makes the datastore one of this single member, from a snapshot if there is a restore path.
 * Runs in the foreground and ends. The servers that were members have to delete their `server/db` before they join again.
 * @throws FatalError with RKE2's message, most of them before anything is changed
 */
export async function resetCluster(paths: Paths, flags: FlagValues, signal: AbortSignal): Promise<void> {
	const settings = serverSettings(flags);
	requireProfile(settings, paths);
	const named = flags.text("cluster-reset-restore-path");
	const token = requireResettable(paths, settings, named);
	const snapshot = named === undefined ? undefined : await fetchSnapshot(paths, flags, named);
	if (snapshot !== undefined) {
		requireSnapshot(snapshot);
	}
	await requireStoppedServer();
	const name =
		snapshot === undefined ? renameMember(paths, settings) : await restoreSnapshot(paths, settings, snapshot);
	const bootstrap = await readAlone(paths, name, bootstrapKey(token), signal);
	openBootstrapData(paths, token, bootstrap);
	handOverToEtcd(paths, settings);
	writeFileAtomically(resetFlag(paths), "", 0o600);
	log.info(
		"Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete " +
			// biome-ignore lint/suspicious/noTemplateCurlyInString: RKE2 prints it so.
			"${datadir}/server/db on each peer etcd server and rejoin the nodes",
	);
}

/** What k3s-io/k3s, pkg/cli/server/server.go and pkg/cluster/managed.go, start, refuse. Returns the token's password. */
function requireResettable(paths: Paths, settings: ServerSettings, snapshot: string | undefined): string {
	if (settings.serverUrl !== undefined) {
		throw new FatalError(
			"cannot perform cluster-reset while server URL is set - remove server from configuration before resetting",
		);
	}
	if (settings.token === undefined) {
		const file = join(paths.server, "token");
		// A real server with that file continues with a random token, and its next start fails with the second message.
		throw new FatalError(
			existsSync(file)
				? "bootstrap data already found and encrypted with different token"
				: `${file} does not exist, please pass --token to complete the restoration`,
		);
	}
	if (snapshot === undefined && existsSync(resetFlag(paths))) {
		throw new FatalError(
			"cluster-reset was successfully performed, please remove the cluster-reset flag and start rke2 normally, if you " +
				`need to perform another cluster reset, you must first manually delete the ${resetFlag(paths)} file`,
		);
	}
	if (snapshot === undefined && !hasDatastore(paths)) {
		throw new FatalError("starting etcd: this server has no datastore to reset");
	}
	return parseToken(settings.token).password;
}

/**
 * With `etcd-s3` the name is that of an object, which goes into the directory of snapshots. The Secret of the store cannot be read
 * then, because its API does not run (k3s-io/k3s, pkg/etcd/etcd.go, Reset).
 * @returns the path of the snapshot
 */
async function fetchSnapshot(paths: Paths, flags: FlagValues, name: string): Promise<string> {
	let store: SnapshotStore | undefined;
	try {
		store = await connectStore(paths, flags, false);
	} catch (error) {
		throw new FatalError(
			error instanceof NoConfigSecretError
				? "cannot use S3 config secret when restoring snapshot; configuration must be set in CLI or config file"
				: `failed to initialize S3 client: ${messageOf(error)}`,
		);
	}
	if (store === undefined) {
		return name;
	}
	log.info(`Retrieving etcd snapshot ${name} from S3`);
	const file = join(flags.text("etcd-snapshot-dir") ?? paths.snapshots, name);
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	await store.download(name, file).catch((error: unknown) => {
		throw new FatalError(`failed to download snapshot from S3: ${messageOf(error)}`);
	});
	log.info(`S3 download complete for ${file}`);
	return file;
}

/** k3s-io/k3s, pkg/etcd/etcd.go, Reset. */
function requireSnapshot(path: string): void {
	if (!existsSync(path)) {
		throw new FatalError(`etcd: snapshot path does not exist: ${path}`);
	}
	if (statSync(path).isDirectory()) {
		throw new FatalError(`etcd: snapshot path must be a file, not a directory: ${path}`);
	}
}

/** The reset serves the port of registration itself, which a server that runs has taken. */
async function requireStoppedServer(): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const server = createServer();
		server.once("error", () => reject(new FatalError("listen tcp :9345: bind: address already in use")));
		server.listen(9345, () => server.close(() => resolve()));
	});
}

/**
 * At the first normal start after a reset the flag goes, and with it this node's password in the cluster, which may be another
 * one in the snapshot (k3s-io/k3s, pkg/cluster/managed.go, deleteNodePasswdSecret).
 */
export async function endReset(paths: Paths, settings: ServerSettings, kube: KubeClient): Promise<void> {
	if (existsSync(resetFlag(paths))) {
		await forgetNodePassword(kube, settings.nodeName);
		rmSync(resetFlag(paths));
	}
}
