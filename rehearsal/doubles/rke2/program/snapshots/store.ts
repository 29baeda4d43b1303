import { basename, posix } from "node:path";
import type { FlagValues } from "../config/flag-values.ts";
import { supervisorCredentials } from "../controlplane/kubeconfigs.ts";
import { kubeClient } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { log } from "../process/log.ts";
import { snapshotTools } from "./tools.ts";

/** A snapshot in the store. */
interface StoredSnapshot {
	name: string;
	key: string;
	/** Bytes. */
	size: number;
	modified: Date;
}

export interface SnapshotStore {
	/** `s3://<bucket>/<folder>` */
	location: string;
	upload(file: string): Promise<void>;
	download(name: string, file: string): Promise<void>;
	list(): Promise<StoredSnapshot[]>;
	/** Deletes the oldest snapshots whose names begin with the prefix, and returns the names. */
	prune(prefix: string): Promise<string[]>;
}

/** The keys of config.yaml and of the Secret that say which store it is, with RKE2's defaults (k3s-io/k3s, pkg/etcd/s3/s3.go). */
const texts = {
	"etcd-s3-endpoint": "s3.amazonaws.com",
	"etcd-s3-endpoint-ca": "",
	"etcd-s3-region": "us-east-1",
	"etcd-s3-bucket": "",
	"etcd-s3-bucket-lookup-type": "",
	"etcd-s3-folder": "",
	"etcd-s3-access-key": "",
	"etcd-s3-secret-key": "",
	"etcd-s3-session-token": "",
	"etcd-s3-timeout": "5m",
};
const switches = { "etcd-s3-insecure": false, "etcd-s3-skip-ssl-verify": false };

type Settings = { [K in keyof typeof texts]: string } & { [K in keyof typeof switches]: boolean } & {
	/** How many snapshots of a name the store retains. */
	retention: number;
};

/** The Secret cannot be read because the API does not run: its message is that of a restore. */
export class NoConfigSecretError extends Error {
	override name = "NoConfigSecretError";
}

/**
 * Connects to the store of the flags, or of the Secret that they name. Any further key beside the name of the Secret makes RKE2
 * ignore the Secret. The bucket has to exist (k3s-io/k3s, pkg/etcd/s3/s3.go, GetClient).
 * @param api whether the API runs; otherwise the Secret cannot be read
 * @returns nothing without `etcd-s3`
 * @throws Error with RKE2's message
 */
export async function connectStore(
	paths: Paths,
	flags: FlagValues,
	api: boolean = true,
): Promise<SnapshotStore | undefined> {
	if (!flags.boolean("etcd-s3")) {
		return undefined;
	}
	const secret = flags.text("etcd-s3-config-secret");
	let settings = fromFlags(flags);
	if (isDefault(settings)) {
		if (secret === undefined) {
			throw new Error("s3 configuration was not set");
		}
		if (!api) {
			throw new NoConfigSecretError(
				`failed to get config from etcd-s3-config-secret "${secret}": runtime core not ready`,
			);
		}
		settings = await fromSecret(paths, secret);
	} else if (secret !== undefined) {
		log.warning(
			`Ignoring s3 configuration from etcd-s3-config-secret "${secret}" due to existing configuration from CLI or config file`,
		);
	}
	if (settings["etcd-s3-bucket"] === "") {
		throw new Error("s3 bucket name was not set");
	}
	const store = storeOf(paths, settings);
	await store.check();
	return store;
}

function fromFlags(flags: FlagValues): Settings {
	const retention = flags.text("etcd-s3-retention") ?? flags.text("etcd-snapshot-retention") ?? "5";
	return settingsFrom((key) => flags.text(key), retention);
}

function isDefault(settings: Settings): boolean {
	return Object.entries({ ...texts, ...switches }).every(([key, value]) => settings[key as keyof Settings] === value);
}

/** The authority is PEM in the Secret, and base64 of PEM in config.yaml (k3s-io/k3s, pkg/etcd/s3/config_secret.go). */
async function fromSecret(paths: Paths, name: string): Promise<Settings> {
	const path = `/api/v1/namespaces/kube-system/secrets/${name}`;
	const secret = await kubeClient(supervisorCredentials(paths)).find<{ data?: Record<string, string> }>(path);
	if (secret === undefined) {
		throw new Error(`failed to get config from etcd-s3-config-secret "${name}": secrets "${name}" not found`);
	}
	const value = (key: string) => {
		const data = secret.data?.[key];
		return data && (key === "etcd-s3-endpoint-ca" ? data : Buffer.from(data, "base64").toString("utf8"));
	};
	return settingsFrom(value, value("etcd-s3-retention") ?? "5");
}

function settingsFrom(value: (key: string) => string | undefined, retention: string): Settings {
	return {
		...(Object.fromEntries(Object.entries(texts).map(([key, other]) => [key, value(key) || other])) as typeof texts),
		...(Object.fromEntries(Object.keys(switches).map((key) => [key, value(key) === "true"])) as typeof switches),
		retention: Number(retention),
	};
}

function storeOf(paths: Paths, { retention, ...settings }: Settings): SnapshotStore & { check(): Promise<void> } {
	const folder = settings["etcd-s3-folder"];
	const tools = (...args: string[]) => snapshotTools(paths, args, JSON.stringify(settings));
	const keyOf = (name: string) => posix.join(folder, name);
	const list = async (prefix: string): Promise<StoredSnapshot[]> => {
		const lines = (await tools("list", prefix)).split("\n").filter((line) => line !== "");
		return lines.map((line) => {
			const { key, size, modified } = JSON.parse(line) as { key: string; size: number; modified: string };
			return { name: basename(key), key, size, modified: new Date(modified) };
		});
	};
	return {
		location: `s3://${posix.join(settings["etcd-s3-bucket"], folder)}`,
		check: async () => {
			await tools("check");
		},
		upload: async (file) => {
			await tools("put", file, keyOf(basename(file)));
		},
		download: async (name, file) => {
			await tools("get", keyOf(name), file);
		},
		// An empty object is no snapshot.
		list: async () => (await list(folder)).filter(({ size }) => size > 0),
		prune: async (prefix) => {
			if (retention < 1) {
				return [];
			}
			const found = (await list(keyOf(prefix))).sort((a, b) => b.modified.getTime() - a.modified.getTime());
			const old = found.slice(retention);
			for (const { key } of old) {
				await tools("remove", key);
			}
			return old.map(({ name }) => name);
		},
	};
}
