/** Kubernetes objects by server-side apply: built-in kinds, custom resources, and patches of objects made by others. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
	ApiException,
	dumpYaml,
	KubeConfig,
	type KubernetesObject,
	KubernetesObjectApi,
	loadYaml,
	PatchStrategy,
} from "@kubernetes/client-node";
import pRetry, { AbortError } from "p-retry";
import { parse } from "yaml";
import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { type Properties, plain } from "../../wire.ts";
import { kubeconfigOf } from "./cluster.ts";

const inputs = z.looseObject({
	apiVersion: z.string(),
	kind: z.string(),
	metadata: z.looseObject({
		name: z.string({ error: "is missing: the embedded host invents no names" }),
		namespace: z.string().optional(),
		annotations: z
			.record(z.string().regex(/^(?!pulumi\.com\/)/, { error: "pulumi.com annotations are not supported" }), z.string())
			.optional(),
	}),
});

type Inputs = z.output<typeof inputs>;

/** The plugin retries while the namespace or the kind does not exist yet. */
const RETRIES = 5;
/** Seconds; the plugin's default for create, update and delete. */
const TIMEOUT = 600;
const POLL_MS = 250;

/** Fields beyond name and namespace that the plugin cannot change in place. */
const REPLACED_FIELDS: Record<string, string[]> = {
	PersistentVolume: ["spec.local", "spec.hostPath", "spec.nfs", "spec.csi"],
	Secret: ["type", "data", "stringData"],
	ConfigMap: ["data", "binaryData"],
	ClusterRoleBinding: ["roleRef"],
	RoleBinding: ["roleRef"],
	StorageClass: ["parameters", "provisioner"],
};

type Live = KubernetesObject & { spec?: { hard?: object }; status?: { hard?: object; phase?: string } };

/** Kinds that are ready later than they exist, and when the plugin takes them to be so. */
const READY: Record<string, (object: Live) => boolean> = {
	PersistentVolume: ({ status }) => status?.phase === "Available" || status?.phase === "Bound",
	ResourceQuota: ({ spec, status }) => isDeepStrictEqual(spec?.hard, status?.hard),
};

/** @param patch Of an object that somebody else made: only our fields come and go. */
export function kubernetesObject(kind: string, patch: boolean): ResourceType<Inputs> {
	return {
		inputs,
		replaceOn: [
			"metadata.name",
			"metadata.namespace",
			"apiVersion",
			"kind",
			...(patch ? [] : (REPLACED_FIELDS[kind] ?? [])),
		],
		deletesBeforeReplace: (before, after) => identity(before) === identity(after),
		keepsOutputs: true,
		secretOutputs: kind === "Secret" ? ["data", "stringData"] : [],

		async create(operation) {
			const { namespace, name } = operation.inputs.metadata;
			const outputs = await retrying(async () => {
				const api = client(operation);
				if (!patch && (await exists(api, operation.inputs))) {
					throw new AbortError(`${describe(operation.inputs)} already exists in the cluster and is not ours.`);
				}
				return apply(api, operation, operation.inputs);
			});
			return { id: namespace ? `${namespace}/${name}` : name, outputs };
		},

		update: (operation) => apply(client(operation), operation, operation.inputs),

		async delete(operation) {
			const api = client(operation);
			const { apiVersion, kind, metadata } = operation.inputs;
			if (patch) {
				const nothing = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
				if (await exists(api, operation.inputs)) await apply(api, operation, nothing);
				return;
			}
			const deletion = api.delete(header(operation.inputs), undefined, undefined, undefined, undefined, "Foreground");
			await deletion.catch((error: Error) => {
				if (!isAbsent(error)) throw readable(error, operation.inputs);
			});
			await gone(api, operation);
		},
	};
}

function client(operation: Operation<Inputs>): KubernetesObjectApi {
	const config = new KubeConfig();
	config.loadFromString(kubeconfigOf(operation));
	return KubernetesObjectApi.makeApiClient(config);
}

async function apply(api: KubernetesObjectApi, operation: Operation<Inputs>, object: Inputs): Promise<Properties> {
	const manager = `pulumi-kubernetes-${createHash("sha256").update(operation.urn).digest("hex").slice(0, 8)}`;
	let live: KubernetesObject;
	try {
		// The client has names of its own for fields that are reserved words (`from`, `default`) and drops those it does not
		// know, without a word; its YAML functions translate.
		const model = loadYaml<Inputs>(JSON.stringify(object));
		live = await api.patch(model, undefined, undefined, manager, false, PatchStrategy.ServerSideApply);
		const isReady = READY[object.kind] ?? (() => true);
		await until(operation, "was not ready", async () => {
			if (isReady(live)) return true;
			live = await api.read(header(object));
			return isReady(live);
		});
	} catch (error) {
		throw readable(error as Error, object);
	}
	if (live.metadata) delete live.metadata.managedFields;
	return parse(dumpYaml(live));
}

async function exists(api: KubernetesObjectApi, object: Inputs): Promise<boolean> {
	try {
		await api.read(header(object));
		return true;
	} catch (error) {
		if (error instanceof ApiException && error.code === 404) return false;
		throw readable(error as Error, object);
	}
}

function gone(api: KubernetesObjectApi, operation: Operation<Inputs>): Promise<void> {
	return until(operation, "was still there after its deletion", async () => {
		const there = await exists(api, operation.inputs).catch((error: Error) => !isAbsent(error));
		return !there;
	});
}

/** @param otherwise What the object was when time ran out, for the error. */
async function until(
	{ inputs, timeoutSeconds = TIMEOUT }: Operation<Inputs>,
	otherwise: string,
	condition: () => Promise<boolean>,
): Promise<void> {
	const end = Date.now() + timeoutSeconds * 1000;
	while (!(await condition())) {
		if (Date.now() > end) throw new Error(`${describe(inputs)} ${otherwise} within ${timeoutSeconds} s.`);
		await sleep(POLL_MS);
	}
}

function retrying<Result>(attempt: () => Promise<Result>): Promise<Result> {
	const once = async () => {
		try {
			return await attempt();
		} catch (error) {
			throw isAbsent(error as Error) ? error : new AbortError(error as Error);
		}
	};
	return pRetry(once, { retries: RETRIES, minTimeout: 500, factor: 2 });
}

/** The object, its namespace or its kind is not there. The client reports a kind that it cannot find as a plain error. */
function isAbsent(error: Error): boolean {
	const cause = error.cause ?? error;
	return cause instanceof ApiException ? cause.code === 404 : /not found|unrecognized api/i.test(String(cause));
}

/** The API server's own sentence instead of the client's dump of request and headers. */
function readable(error: Error, object: Inputs): Error {
	if (!(error instanceof ApiException)) return error;
	let message: string = String(error.body);
	try {
		message = (JSON.parse(message) as { message: string }).message;
	} catch {
		// Not a Status object: a proxy's page, for one.
	}
	return new Error(`${describe(object)}: ${error.code} ${message}`, { cause: error });
}

function header({
	apiVersion,
	kind,
	metadata,
}: Inputs): KubernetesObject & { metadata: { name: string; namespace: string } } {
	return { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace ?? "" } };
}

function describe({ kind, metadata }: Inputs): string {
	return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

function identity(inputs: Properties): string {
	const { metadata } = plain(inputs) as unknown as Inputs;
	return `${metadata?.namespace}/${metadata?.name}`;
}
