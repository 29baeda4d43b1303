import { connect } from "node:net";
import type { FlagValues } from "../config/flag-values.ts";
import { supervisorCredentials } from "../controlplane/kubeconfigs.ts";
import { kubeClient } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log, messageOf } from "../process/log.ts";

const timeoutMs = 5_000;

/**
 * With `etcd-s3` a server connects to its store before it saves, prunes or lists anything. Without a store it refuses all
 * of them, although local snapshots need no store (k3s pkg/etcd/snapshot_handler.go).
 * @throws FatalError with the message of `rke2 etcd-snapshot`
 */
export async function requireSnapshotStore(paths: Paths, flags: FlagValues): Promise<void> {
	if (!flags.boolean("etcd-s3")) {
		return;
	}
	try {
		await findStore(paths, flags.text("etcd-s3-config-secret"));
	} catch (error) {
		// A real server writes this line to the log of its unit.
		log.warning(`failed to initialize S3 client: ${messageOf(error)}`);
		throw new FatalError("see server log for details: https://127.0.0.1:9345/db/snapshot: 400 Bad Request");
	}
}

/** Requires a bucket name and an endpoint that accepts connections. Nothing is sent there. */
async function findStore(paths: Paths, secretName: string | undefined): Promise<void> {
	if (secretName === undefined) {
		throw new Error("s3 configuration was not set");
	}
	const secret = await kubeClient(supervisorCredentials(paths)).find<{ data?: Record<string, string> }>(
		`/api/v1/namespaces/kube-system/secrets/${secretName}`,
	);
	if (secret === undefined) {
		throw new Error(`failed to get config from etcd-s3-config-secret "${secretName}": not found`);
	}
	const text = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
	if (text("etcd-s3-bucket") === "") {
		throw new Error("s3 bucket name was not set");
	}
	const { hostname, port } = new URL(`https://${text("etcd-s3-endpoint") || "s3.amazonaws.com"}`);
	await new Promise<void>((resolve, reject) => {
		const socket = connect({ host: hostname, port: Number(port || 443), timeout: timeoutMs });
		socket.once("connect", () => {
			socket.destroy();
			resolve();
		});
		socket.once("error", reject);
		socket.once("timeout", () => socket.destroy(new Error(`${hostname} does not answer`)));
	});
}
