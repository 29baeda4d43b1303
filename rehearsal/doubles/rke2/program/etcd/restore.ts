import { execFile } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { etcdUser } from "../config/profile.ts";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { superviseChild } from "../process/child.ts";
import { FatalError, messageOf } from "../process/log.ts";
import { retry } from "../process/retry.ts";
import { forgetMemberName, memberName, peerUrl } from "./member.ts";

const run = promisify(execFile);

// Where a temporary etcd of k3s serves, on the loopback address and without TLS (pkg/etcd/etcd.go, StartEmbeddedTemporary).
const temporary = { client: "http://127.0.0.1:2399", peer: "http://127.0.0.1:2400" };

/**
 * Replaces this server's datastore by a snapshot, as a cluster of this one member. The old data stays beside it as
 * `etcd-old-<seconds>` (k3s-io/k3s, pkg/etcd/etcd.go, Restore). etcdutl checks the digest in the snapshot.
 * @returns the new name of the member
 * @throws FatalError with etcdutl's last line
 */
export async function restoreSnapshot(paths: Paths, settings: ServerSettings, snapshot: string): Promise<string> {
	if (existsSync(paths.etcdData)) {
		renameSync(paths.etcdData, freeBackupDirectory(paths));
	}
	const restored = `${paths.etcdData}-restored`;
	rmSync(restored, { recursive: true, force: true });
	const name = memberName(paths, settings.nodeName);
	try {
		await run(join(paths.binaries, "etcdutl"), [
			"snapshot",
			"restore",
			snapshot,
			`--data-dir=${restored}`,
			`--name=${name}`,
			`--initial-cluster=${name}=${peerUrl(settings)}`,
			`--initial-advertise-peer-urls=${peerUrl(settings)}`,
		]);
	} catch (error) {
		const { stderr = "" } = error as { stderr?: string };
		throw new FatalError(`starting etcd: ${stderr.trimEnd().split("\n").at(-1) || messageOf(error)}`);
	}
	renameSync(join(restored, "member"), join(paths.etcdData, "member"));
	rmSync(restored, { recursive: true });
	return name;
}

/** A real restore takes seconds. Two of this double can begin in one second, and each needs a name of its own. */
function freeBackupDirectory(paths: Paths): string {
	let seconds = Math.floor(Date.now() / 1_000);
	const directory = () => join(paths.etcdData, `../etcd-old-${seconds}`);
	while (existsSync(directory())) {
		seconds++;
	}
	return directory();
}

/** Another name for this member: k3s gives it a new one at each reset. */
export function renameMember(paths: Paths, settings: ServerSettings): string {
	forgetMemberName(paths);
	return memberName(paths, settings.nodeName);
}

/**
 * Runs the datastore as a cluster of one member for a moment, and reads a key of it.
 * @returns the value, or an empty text where there is no such key
 */
export async function readAlone(paths: Paths, name: string, key: string, signal: AbortSignal): Promise<string> {
	const child = superviseChild({
		name: "temporary etcd",
		command: join(paths.binaries, "etcd"),
		args: [
			`--name=${name}`,
			`--data-dir=${paths.etcdData}`,
			"--force-new-cluster",
			`--listen-client-urls=${temporary.client}`,
			`--advertise-client-urls=${temporary.client}`,
			`--listen-peer-urls=${temporary.peer}`,
		],
		logFile: join(paths.agentLogs, "etcd.log"),
	});
	try {
		const ask = ["--endpoints", temporary.client, "get", key, "--print-value-only"];
		return await retry({ signal, interval: 250, waitingFor: "Waiting for the temporary etcd" }, async () => {
			const { stdout } = await run(join(paths.binaries, "etcdctl"), ask);
			return stdout.trim();
		});
	} finally {
		await child.stop();
	}
}

/** Gives the files to etcd's user, which the next start of etcd has with a profile. */
export function handOverToEtcd(paths: Paths, settings: ServerSettings): void {
	const user = settings.profile === undefined ? undefined : etcdUser(paths);
	mkdirSync(paths.etcdData, { recursive: true, mode: 0o700 });
	if (user) {
		for (const name of ["", ...readdirSync(paths.etcdData, { recursive: true, encoding: "utf8" })]) {
			chownSync(join(paths.etcdData, name), user.uid, user.gid);
		}
	}
}
