/** The S3 store for snapshots of etcd: versitygw, a real one, with its objects in the run's directory. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface SnapshotStoreDescription {
	/** Name or address in the endpoint. */
	host: string;
	/** Address that the store answers on. */
	address: string;
	port: number;
	bucket: string;
	region: string;
	/** Whether the store has a certificate, or answers by plain http. */
	encrypted: boolean;
	/** Names that lead to `address`. */
	names: string[];
}

export interface SnapshotStoreAccess {
	accessKey: string;
	secretKey: string;
	/** PEM. Needed where the store is encrypted. */
	certificate?: { key: string; cert: string } | undefined;
}

/** Milliseconds. It answers within one second on a quiet machine. */
const patience = 30_000;

/**
 * Starts the store with an empty bucket, and resolves when it accepts connections. It ends with the run.
 *
 * @param directory gets the bucket in its folder `objects`, where an object is a file
 */
export async function serveSnapshotStore(
	program: string,
	directory: string,
	{ host, address, port, bucket, region, names }: SnapshotStoreDescription,
	{ accessKey, secretKey, certificate }: SnapshotStoreAccess,
): Promise<void> {
	const [objects, metadata, key, cert] = ["objects", "metadata", "tls.key", "tls.crt"].map((name) =>
		join(directory, name),
	) as [string, string, string, string];
	await mkdir(join(objects, bucket), { recursive: true });
	await mkdir(metadata, { recursive: true });
	if (certificate) {
		await writeFile(key, certificate.key, { mode: 0o600 });
		await writeFile(cert, certificate.cert);
	}
	const log = openSync(join(directory, "log"), "a", 0o600);
	const child = spawn(
		program,
		[
			...["--port", `${address}:${port}`, "--region", region],
			...(certificate ? ["--cert", cert, "--key", key] : []),
			...(names.length > 0 ? ["--virtual-domain", host] : []),
			// Metadata in files of their own: not every file system has extended attributes.
			...["posix", "--sidecar", metadata, objects],
		],
		{
			// Not as arguments, which every process of this computer may read.
			env: { ...process.env, ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
			stdio: ["ignore", log, log],
			detached: true,
		},
	);
	child.unref();
	const end = Date.now() + patience;
	while (!(await accepts(address, port))) {
		if (child.exitCode !== null || Date.now() > end) {
			throw new Error(`The S3 store does not answer on ${address}:${port}; see ${directory}/log.`);
		}
		await sleep(50);
	}
}

function accepts(host: string, port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host, port });
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}
