/** Kubernetes objects by server-side apply: built-in kinds, custom resources, and patches of objects made by others. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
	ApiException,
	dumpYaml,
	KubeConfig,
	type KubernetesObject,
	KubernetesObjectApi,
	loadYaml,
	PatchStrategy,
	type RequestContext,
} from "@kubernetes/client-node";
import pRetry, { AbortError } from "p-retry";
import { parse } from "yaml";
import { z } from "zod";
import { Incomplete, type Operation, type ResourceType } from "../../resource-type.ts";
import { type Properties, plain } from "../../wire.ts";
import { kubeconfigOf } from "./cluster.ts";
import { type Live, READY } from "./readiness.ts";

/** The next update runs an unready Job anew instead of waiting for it again. */
const REPLACE_UNREADY = "pulumi.com/replaceUnready";

/** Without it the plugin waits for the pods behind a Service, by rules that the host does not have. */
const SKIP_AWAIT = "pulumi.com/skipAwait";

const inputs = z
	.looseObject({
		apiVersion: z.string(),
		kind: z.string(),
		metadata: z.looseObject({
			name: z.string({ error: "is missing: the embedded host invents no names" }),
			namespace: z.string().optional(),
			annotations: z.record(z.string(), z.string()).optional(),
		}),
	})
	.refine(
		({ kind, metadata }) =>
			Object.keys(metadata.annotations ?? {}).every(
				(name) =>
					!name.startsWith("pulumi.com/") ||
					(name === REPLACE_UNREADY && kind === "Job") ||
					(name === SKIP_AWAIT && kind === "Service"),
			),
		{
			path: ["metadata", "annotations"],
			error: `pulumi.com annotations are not supported, but for ${REPLACE_UNREADY} of a Job and ${SKIP_AWAIT} of a Service`,
		},
	);

const unawaited = inputs.refine(({ metadata }) => metadata.annotations?.[SKIP_AWAIT] === "true", {
	path: ["metadata", "annotations"],
	error: `must have ${SKIP_AWAIT}: the embedded host waits for no Service`,
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
	Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
};

/** @param patch Of an object that somebody else made: only our fields come and go. */
export function kubernetesObject(kind: string, patch: boolean): ResourceType<Inputs> {
	return {
		inputs: kind === "Service" && !patch ? unawaited : inputs,
		replaceOn: [
			"metadata.name",
			"metadata.namespace",
			"apiVersion",
			"kind",
			...(patch ? [] : (REPLACED_FIELDS[kind] ?? [])),
		],
		deletesBeforeReplace: (before, after) => identity(before) === identity(after),
		replacesIncomplete: (inputs) => annotationsOf(inputs)[REPLACE_UNREADY] === "true",
		keepsOutputs: true,
		secretOutputs: kind === "Secret" ? ["data", "stringData"] : [],

		async create(operation) {
			const api = client(operation);
			const live = await retrying(async () => {
				if (!patch && (await exists(api, operation.inputs))) {
					throw new AbortError(`${describe(operation.inputs)} already exists in the cluster and is not ours.`);
				}
				return apply(api, operation, operation.inputs);
			});
			return { id: idOf(operation.inputs), outputs: await settled(api, operation, live) };
		},

		async update(operation) {
			const api = client(operation);
			return settled(api, operation, await apply(api, operation, operation.inputs));
		},

		async delete(operation) {
			const api = client(operation);
			const { apiVersion, kind, metadata } = operation.inputs;
			if (patch) {
				const nothing = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
				if (await exists(api, operation.inputs)) {
					await apply(api, operation, nothing);
				}
				return;
			}
			const deletion = api.delete(header(operation.inputs), undefined, undefined, undefined, undefined, "Foreground");
			await deletion.catch((error: Error) => {
				if (!isAbsent(error)) {
					throw readable(error, operation.inputs);
				}
			});
			await gone(api, operation);
		},
	};
}

/** As the library's, but with one pool of connections for all requests: it opens a connection for each. */
class ConnectedKubeConfig extends KubeConfig {
	#connections: ReturnType<RequestContext["getDispatcher"]>;

	override async applySecurityAuthentication(request: RequestContext): Promise<void> {
		await super.applySecurityAuthentication(request);
		this.#connections ??= request.getDispatcher();
		if (this.#connections) {
			request.setDispatcher(this.#connections);
		}
	}
}

/** Of the cluster that was asked last: a client keeps its connections and the kinds that it has looked up. */
let last: { kubeconfig: string; api: KubernetesObjectApi } | undefined;

function client(operation: Operation<Inputs>): KubernetesObjectApi {
	const kubeconfig = kubeconfigOf(operation);
	if (last?.kubeconfig !== kubeconfig) {
		const config = new ConnectedKubeConfig();
		config.loadFromString(kubeconfig);
		last = { kubeconfig, api: KubernetesObjectApi.makeApiClient(config) };
	}
	return last.api;
}

async function apply(api: KubernetesObjectApi, operation: Operation<Inputs>, object: Inputs): Promise<Live> {
	const manager = `pulumi-kubernetes-${createHash("sha256").update(operation.urn).digest("hex").slice(0, 8)}`;
	try {
		// The client has names of its own for fields that are reserved words (`from`, `default`) and drops those it does not
		// know, without a word; its YAML functions translate.
		const model = loadYaml<Inputs>(JSON.stringify(object));
		return await api.patch(model, undefined, undefined, manager, false, PatchStrategy.ServerSideApply);
	} catch (error) {
		throw readable(error as Error, object);
	}
}

/** Outputs of an object once it is ready. An object that never is stays in the cluster and in the state. */
async function settled(api: KubernetesObjectApi, operation: Operation<Inputs>, applied: Live): Promise<Properties> {
	const { inputs } = operation;
	const isReady = READY[inputs.kind] ?? (() => true);
	let live = applied;
	try {
		await until(operation, "was not ready", async () => {
			if (isReady(live)) {
				return true;
			}
			live = await api.read(header(inputs));
			return isReady(live);
		});
	} catch (error) {
		throw new Incomplete(idOf(inputs), readable(error as Error, inputs).message);
	}
	if (live.metadata) {
		delete live.metadata.managedFields;
	}
	return parse(dumpYaml(live));
}

async function exists(api: KubernetesObjectApi, object: Inputs): Promise<boolean> {
	try {
		await api.read(header(object));
		return true;
	} catch (error) {
		if (error instanceof ApiException && error.code === 404) {
			return false;
		}
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
		if (Date.now() > end) {
			throw new Error(`${describe(inputs)} ${otherwise} within ${timeoutSeconds} s.`);
		}
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
	if (!(error instanceof ApiException)) {
		return error;
	}
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

function idOf({ metadata: { namespace, name } }: Inputs): string {
	return namespace ? `${namespace}/${name}` : name;
}

function annotationsOf(inputs: Properties): Record<string, string> {
	return (plain(inputs) as unknown as Inputs).metadata.annotations ?? {};
}

function identity(inputs: Properties): string {
	const { metadata } = plain(inputs) as unknown as Inputs;
	return `${metadata?.namespace}/${metadata?.name}`;
}
