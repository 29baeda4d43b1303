/**
 * `rke2 secrets-encrypt rotate-keys` and `status`, as the requests that the command sends to port 9345
 * (k3s-io/k3s, pkg/server/handlers/secrets-encrypt.go). Other servers keep the former key alone until they are restarted: until then
 * their API servers read no Secret that this one has encrypted again, and what they write themselves is lost at their restart.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerSettings } from "../config/settings.ts";
import type { EtcdClient } from "../etcd/client.ts";
import { type KubeClient, KubeError, type KubeObject } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { bootstrapKey, sealBootstrapData } from "../pki/bootstrap-data.ts";
import { retry } from "../process/retry.ts";
import {
	type EncryptionStage,
	encryptionKeys,
	recordedStage,
	recordStage,
	rotatingKey,
	stageOf,
	writeEncryptionKeys,
} from "./encryption.ts";

const annotation = "rke2.io/encryption-config-hash";
const controlPlanes = "/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fcontrol-plane%3Dtrue";
/** As k3s waits for the API server, which looks for another configuration once a minute. */
const reloadSeconds = 120;

export interface EncryptionStatus {
	stage: string;
	activekey: string;
	enable: true;
	hashmatch?: true;
	hasherror?: string;
	inactivekeys?: string[];
}

export class KeyRotation {
	readonly #paths: Paths;
	readonly #settings: ServerSettings;
	readonly #password: string;

	/** @param password of the server token, with which the datastore's copy of the keys is encrypted */
	constructor(paths: Paths, settings: ServerSettings, password: string) {
		this.#paths = paths;
		this.#settings = settings;
		this.#password = password;
	}

	/** The stage that is on disk: one that was active when the server stopped is forgotten (BootstrapEncryptionHashAnnotation). */
	async begin(kube: KubeClient, signal: AbortSignal): Promise<void> {
		await retry({ signal, interval: 1_000, waitingFor: "Waiting for the Node" }, () =>
			this.#annotate(kube, recordedStage(this.#paths) ?? stageOf(this.#paths, "start")),
		);
	}

	async status(kube: KubeClient): Promise<EncryptionStatus> {
		const mismatch = await this.#mismatch(kube);
		const [active, ...others] = encryptionKeys(this.#paths, this.#settings.encryptionProvider).map(({ name }) => name);
		return {
			stage: (await this.#stage(kube)).split("-")[0]!,
			activekey: active!,
			enable: true,
			...(mismatch === undefined ? { hashmatch: true } : { hasherror: mismatch }),
			...(others.length > 0 ? { inactivekeys: others } : {}),
		};
	}

	/** @throws Error when another rotation is not done on every server */
	async rotate(kube: KubeClient, etcd: EtcdClient): Promise<void> {
		const mismatch = await this.#mismatch(kube);
		if (mismatch !== undefined) {
			throw new Error(mismatch);
		}
		const stage = await this.#stage(kube);
		if (!/^(start|reencrypt_finished)-/.test(stage)) {
			throw new Error(`incorrect stage: ${stage.split("-")[0]} found on node ${this.#settings.nodeName}`);
		}
		const provider = this.#settings.encryptionProvider;
		const reloads = await reloadsOf(kube);
		await this.#annotate(kube, stageOf(this.#paths, "reencrypt_active"));
		writeEncryptionKeys(this.#paths, provider, [rotatingKey(provider), ...encryptionKeys(this.#paths, provider)]);
		await waitForReload(kube, reloads);
		await encryptAgain(kube);
		writeEncryptionKeys(this.#paths, provider, encryptionKeys(this.#paths, provider).slice(0, -1));
		await this.#finish(kube, etcd, "reencrypt_finished");
	}

	async #finish(kube: KubeClient, etcd: EtcdClient, stage: EncryptionStage): Promise<void> {
		await this.#annotate(kube, stageOf(this.#paths, stage));
		recordStage(this.#paths, stage);
		await etcd.put(bootstrapKey(this.#password), sealBootstrapData(this.#paths, this.#password));
	}

	#annotate(kube: KubeClient, stage: string): Promise<unknown> {
		return kube.patch(`/api/v1/nodes/${this.#settings.nodeName}`, {
			metadata: { annotations: { [annotation]: stage } },
		});
	}

	async #stage(kube: KubeClient): Promise<string> {
		const { metadata } = await kube.get<KubeObject>(`/api/v1/nodes/${this.#settings.nodeName}`);
		const stage = metadata.annotations?.[annotation];
		if (stage === undefined) {
			throw new Error(`missing annotation on node ${this.#settings.nodeName}`);
		}
		return stage;
	}

	async #mismatch(kube: KubeClient): Promise<string | undefined> {
		const { items } = await kube.get<{ items: KubeObject[] }>(controlPlanes);
		const known = items.filter(({ metadata }) => metadata.annotations?.[annotation] !== undefined);
		const other = known.find(
			({ metadata }) => metadata.annotations![annotation] !== known[0]!.metadata.annotations![annotation],
		);
		return other && `hash does not match between ${known[0]!.metadata.name} and ${other.metadata.name}`;
	}
}

/** Successful reloads so far. There is no such metric before the first one. */
async function reloadsOf(kube: KubeClient): Promise<number> {
	const metrics = await kube.get<string>("/metrics");
	const [, count = "0"] =
		/^apiserver_encryption_config_controller_automatic_reloads_total\{.*status="success".*\} (\d+)$/m.exec(metrics) ??
		[];
	return Number(count);
}

async function waitForReload(kube: KubeClient, before: number): Promise<void> {
	const end = Date.now() + reloadSeconds * 1_000;
	while ((await reloadsOf(kube)) <= before) {
		if (Date.now() > end) {
			throw new Error("apiserver has not reloaded encryption configuration");
		}
		await sleep(1_000);
	}
}

/** k3s-io/k3s, updateSecrets: each Secret is written as it is, and a conflict means that somebody else has written it. */
async function encryptAgain(kube: KubeClient): Promise<void> {
	const { items } = await kube.get<{ items: KubeObject[] }>("/api/v1/secrets");
	for (const secret of items) {
		const { namespace, name } = secret.metadata;
		try {
			await kube.replace(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
				...secret,
				apiVersion: "v1",
				kind: "Secret",
			});
		} catch (error) {
			if (!(error instanceof KubeError && error.status === 409)) {
				throw error;
			}
		}
	}
}
