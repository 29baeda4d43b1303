import { connect } from "node:net";
import type { FlagValues } from "../config/flag-values.ts";
import { supervisorCredentials } from "../controlplane/kubeconfigs.ts";
import { kubeClient } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log, messageOf } from "../process/log.ts";

const TIMEOUT = 5_000;

/**
 * With `etcd-s3` a server looks for its store before it saves, prunes or lists anything, and refuses all of it without
 * one, although the snapshots on its own disk need none (k3s pkg/etcd/snapshot_handler.go).
 * @throws FatalError with the words of `rke2 etcd-snapshot`
 */
export async function requireSnapshotStore(paths: Paths, flags: FlagValues): Promise<void> {
	if (!flags.boolean("etcd-s3")) {
		return;
	}
	try {
		await findStore(paths, flags.text("etcd-s3-config-secret"));
	} catch (error) {
		// On a real server this is in the log of the unit.
		log.warning(`failed to initialize S3 client: ${messageOf(error)}`);
		throw new FatalError("see server log for details: https://127.0.0.1:9345/db/snapshot: 400 Bad Request");
	}
}

/** A bucket is named, and something accepts connections where the store should be: nothing is ever sent there. */
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
		const socket = connect({ host: hostname, port: Number(port || 443), timeout: TIMEOUT });
		socket.once("connect", () => {
			socket.destroy();
			resolve();
		});
		socket.once("error", reject);
		socket.once("timeout", () => socket.destroy(new Error(`${hostname} does not answer`)));
	});
}
