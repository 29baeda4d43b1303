/** What a program asks of the engine, resource by resource, as it goes over the wire. */
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { setMocks } from "@pulumi/pulumi/runtime/mocks.js";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import { recordRegistrations } from "../../../src/sdk/mock-monitor.ts";

export interface Registration {
	type: string;
	name: string;
	/** A secret is `{ secret: <value> }`. */
	inputs: Record<string, unknown>;
	/** Names of what it waits for, by its options or by its inputs; a component stands for the resources in it. */
	dependsOn: string[];
	parent: string;
	ignoreChanges: string[];
	/** Outputs that are always secret. */
	secretOutputs: string[];
	deletedWith: string;
	retainOnDelete: boolean;
	/** The resource is replaced when this value changes. */
	replacementTrigger: unknown;
	/** Names of the hooks that run before a creation. */
	beforeCreate: string[];
	/** Names of the hooks that run before an update. */
	beforeUpdate: string[];
	/** Names of the hooks that are asked when it fails. */
	onError: string[];
	/** Name of the explicit provider. */
	provider: string;
}

export interface RecordOptions {
	/** What resources have for outputs beside their inputs, by name. */
	outputs?: (name: string) => Record<string, unknown>;
	/** Whether the program is told that it runs in a preview, where an output may be {@link unknown}. */
	preview?: boolean;
}

/** How an unknown value goes over the wire. */
export const unknown = unknownValue;

/** Runs the program against mocks whose resources are all created at once. */
export async function record(
	program: () => void,
	{ outputs = () => ({}), preview = false }: RecordOptions = {},
): Promise<Registration[]> {
	const requests: RegisterResourceRequest[] = [];
	const endRecording = recordRegistrations((request) => requests.push(request));
	try {
		await setMocks(
			{
				newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { ...inputs, ...outputs(name) } }),
				call: () => ({}),
			},
			undefined,
			undefined,
			preview,
		);
		program();
		await disconnect();
	} finally {
		endRecording();
	}
	return requests.map((request) => ({
		type: request.getType(),
		name: request.getName(),
		inputs: unwrap(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
		dependsOn: request.getDependenciesList().map(nameOf),
		parent: nameOf(request.getParent()),
		ignoreChanges: request.getIgnorechangesList(),
		secretOutputs: request.getAdditionalsecretoutputsList(),
		deletedWith: nameOf(request.getDeletedwith()),
		retainOnDelete: request.getRetainondelete() ?? false,
		replacementTrigger: unwrap(request.getReplacementTrigger()?.toJavaScript()),
		beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
		beforeUpdate: request.getHooks()?.getBeforeUpdateList() ?? [],
		onError: request.getHooks()?.getOnErrorList() ?? [],
		// `<urn>::<id>`
		provider: nameOf(request.getProvider().split("::").slice(0, -1).join("::")),
	}));
}

function nameOf(urn: string): string {
	return urn.split("::").at(-1) ?? "";
}

function unwrap(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(unwrap);
	}
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const record = value as Record<string, unknown>;
	return record[specialSigKey] === specialSecretSig
		? { secret: unwrap(record.value) }
		: Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, unwrap(inner)]));
}
